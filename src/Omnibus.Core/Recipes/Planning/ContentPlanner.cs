using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Plans what a package lays down: its files, linked commands, units and files for other daemons.</summary>
internal sealed class ContentPlanner(PlanContext context, PackageSection package)
{
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);

    /// <summary>Files, trees, directories, links and ghosts, then linked commands.</summary>
    public IReadOnlyList<ContentItem> Content()
    {
        var items = new List<ContentItem>();
        foreach (FileSection file in package.Files)
        {
            if (Item(file) is { } item && Take(item.Destination, file, KeyOf(file), isTree: item is TreeItem))
            {
                items.Add(item);
            }
        }

        foreach (CommandSection command in package.Commands)
        {
            if (Command(command) is { } link && Take(link.Destination, command, "name"))
            {
                items.Add(link);
            }
        }

        return items;
    }

    /// <summary>systemd units.</summary>
    public IReadOnlyList<SystemdUnitPlan> Units()
    {
        var units = new List<SystemdUnitPlan>();
        foreach (ServiceSection service in package.Services)
        {
            string name = service.Name ?? Path.GetFileName(service.File);
            string destination = context.Distribution.SystemdUnitDirectory + "/" + name;
            if (context.Paths.Source(service.File, service, "file", RecipePaths.Expectation.File) is { } source && Take(destination, service, "file"))
            {
                units.Add(new SystemdUnitPlan(name, source, destination)
                {
                    Enable = (UnitEnablement)service.Enable,
                    Start = service.Start ?? context.IsDeb,
                    RestartOnUpgrade = service.Restart,
                });
            }
        }

        return units;
    }

    /// <summary>Files for firewalld, ufw and rsyslog.</summary>
    public IReadOnlyList<IntegrationFile> Integrations()
    {
        var files = new List<IntegrationFile>();
        Add(IntegrationKind.Firewalld, "/usr/lib/firewalld/services", package.Firewalld);
        Add(IntegrationKind.Ufw, "/etc/ufw/applications.d", package.Ufw);
        Add(IntegrationKind.Rsyslog, "/etc/rsyslog.d", package.Rsyslog);
        return files;

        void Add(IntegrationKind kind, string folder, IReadOnlyList<IntegrationSection> sections)
        {
            foreach (IntegrationSection section in sections)
            {
                string destination = $"{folder}/{section.Name ?? Path.GetFileName(section.File)}";
                if (context.Paths.Source(section.File, section, "file", RecipePaths.Expectation.File) is { } source && Take(destination, section, "file"))
                {
                    files.Add(new IntegrationFile(kind, source, destination));
                }
            }
        }
    }

    private static string KeyOf(FileSection file) => file.Directory is not null ? "directory" : file.Link is not null ? "link" : file.Ghost is not null ? "ghost" : "to";

    private ContentItem? Item(FileSection file)
    {
        string key = KeyOf(file);
        string? written = file.Directory ?? file.Link ?? file.Ghost ?? file.To;
        if (written is null)
        {
            context.Problems.Add("RecipeMissingKey", file.Place, file.PathOf("to"), $"the key 'to' is missing in {file.KeyPath}: where it goes on the target");
            return null;
        }

        if (file.File is { } name && written.EndsWith('/'))
        {
            written += Path.GetFileName(name);
        }

        if (context.Paths.Target(written, file, key) is not { } destination)
        {
            return null;
        }

        ContentItem? item = Bare(file, destination);
        PackageEntryFlags flags = item is FileItem or TextItem or TreeItem or GhostItem ? Flags(file, destination, item is GhostItem) : PackageEntryFlags.None;
        return item is null ? null : item with
        {
            Mode = file.Mode?.Bits,
            Owner = file.Owner ?? "root",
            Group = file.Group ?? "root",
            Flags = flags,
            Capabilities = file.Capabilities,
        };
    }

    private ContentItem? Bare(FileSection file, string destination)
    {
        if (file.File is { } name)
        {
            return context.Paths.Source(name, file, "file", RecipePaths.Expectation.File) is { } source ? new FileItem(source, destination) : null;
        }

        if (file.Tree is { } folder)
        {
            return context.Paths.Source(folder, file, "tree", RecipePaths.Expectation.Folder) is { } source
                ? new TreeItem(source, destination) { DirectoryMode = file.DirectoryMode?.Bits, Excludes = new PathExcludes(file.Exclude) }
                : null;
        }

        if (file.Link is not null)
        {
            if (file.Target is { } target)
            {
                return new LinkItem(destination, target);
            }

            context.Problems.Add("RecipeMissingKey", file.Place, file.PathOf("target"), $"the key 'target' is missing in {file.KeyPath}: what the link points to");
            return null;
        }

        return file switch
        {
            { Text: { } text } => new TextItem(text, destination),
            { Directory: not null } => new DirectoryItem(destination),
            { Ghost: not null } => new GhostItem(destination),
            _ => null,
        };
    }

    // What lies below /etc is configuration unless the recipe says otherwise: forgetting the mark would overwrite what admins changed.
    private static PackageEntryFlags Flags(FileSection file, string destination, bool isGhost)
    {
        ConfigMark mark = file.Config ?? (!isGhost && destination.StartsWith("/etc/", StringComparison.Ordinal) ? ConfigMark.NoReplace : ConfigMark.No);
        return mark switch
        {
            ConfigMark.NoReplace => PackageEntryFlags.Config | PackageEntryFlags.NoReplace,
            ConfigMark.Config => PackageEntryFlags.Config,
            _ => PackageEntryFlags.None,
        };
    }

    private LinkItem? Command(CommandSection command)
    {
        string? target = command.Target ?? (context.EnvironmentPath is { } environment ? $"{environment}/bin/{command.Name}" : null);
        if (target is null)
        {
            context.Problems.Add(
                "RecipeMissingKey",
                command.Place,
                command.PathOf("target"),
                $"the key 'target' is missing in {command.KeyPath}: without a Python environment there is nothing that the command could be");
            return null;
        }

        return new LinkItem($"{(command.In == CommandFolder.Sbin ? "/usr/sbin" : "/usr/bin")}/{command.Name}", target);
    }

    private bool Take(string destination, SchemaSection section, string key, bool isTree = false)
    {
        // Trees may share a root, and may lie over a directory that is declared for its mode.
        if (_taken.TryAdd(destination, section.KeyPath) || isTree)
        {
            return true;
        }

        context.Problems.Add(
            "RecipeDuplicatePath",
            section.At(key),
            section.PathOf(key),
            $"{destination} of package '{package.Name}' is here a second time; {_taken[destination]} lays it down already");
        return false;
    }
}
