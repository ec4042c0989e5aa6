using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>
/// Turns what a plan lays down into entries of a package. Files are taken as they are, byte for byte; modes are made regular, so that neither
/// umask nor checkout decides them; every entry has the build's time.
/// </summary>
internal sealed class ContentCollector(string package, string sourceRoot, string buildFolder, DateTimeOffset timestamp)
{
    private const int Executable = 0b001_000_000;
    private const int ExecutableFile = 0b111_101_101;
    private const int PlainFile = 0b110_100_100;

    private readonly SortedDictionary<string, Placed> _entries = new(StringComparer.Ordinal);
    private readonly List<Finding> _findings = [];

    private sealed record Placed(PackageEntry Entry, string From, bool IsImplied);

    /// <summary>Adds an item of a plan.</summary>
    public void Add(ContentItem item, CancellationToken cancellationToken)
    {
        switch (item)
        {
            case FileItem file:
                AddFile(item, file.Source.Resolve(buildFolder));
                break;
            case TreeItem tree:
                string root = tree.Source.Resolve(buildFolder);
                if (RequireInside(root) is { } real)
                {
                    new TreeWalk(this, tree, real).Run(cancellationToken);
                }

                break;
            case TextItem text:
                Place(Entry(PackageEntryKind.File, item, item.Mode ?? PlainFile) with { Content = new MemoryContent(text.Text) }, "the recipe's text");
                break;
            case DirectoryItem:
                Place(Entry(PackageEntryKind.Directory, item, item.Mode ?? ExecutableFile), "the recipe");
                break;
            case LinkItem link:
                Place(Entry(PackageEntryKind.SymbolicLink, item, 0b111_111_111) with { LinkTarget = link.Target }, "the recipe");
                break;
            case GhostItem:
                Place(Entry(PackageEntryKind.Ghost, item, item.Mode ?? PlainFile), "the recipe");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(item), item.GetType().Name);
        }
    }

    /// <summary>Adds an entry that the build makes itself.</summary>
    public void Add(PackageEntry entry) => Place(entry with { ModifiedTime = timestamp }, "the build");

    /// <summary>Adds the files of a finished environment, every folder of it owned by the package.</summary>
    public void AddEnvironment(Python.PythonEnvironment environment, CancellationToken cancellationToken)
    {
        var item = new TreeItem(new PlanPath(PlanPathBase.Source, environment.HostPath), environment.Spec.EnvironmentPath);
        new TreeWalk(this, item, environment.HostPath) { LinksMayLeave = true }.Run(cancellationToken);
    }

    /// <summary>The entries, sorted by path.</summary>
    /// <exception cref="OmnibusException"><c>ContentInvalid</c> when there is more than one breach; otherwise the id of the only one. Its findings list all.</exception>
    public IReadOnlyList<PackageEntry> Finish()
    {
        if (_findings.Count > 0)
        {
            Finding first = _findings[0];
            throw new OmnibusException(
                _findings.TrueForAll(f => f.Id == first.Id) ? first.Id : "ContentInvalid",
                first.Id is "ContentUnreadable" ? ErrorKind.PermissionDenied : first.Id is "ContentMissing" ? ErrorKind.NotFound : ErrorKind.InvalidData,
                $"{package}: " + string.Join('\n', _findings.Take(20).Select(f => f.Message)),
                first.Path ?? package,
                first.Advice)
            {
                Findings = _findings,
            };
        }

        return [.. _entries.Values.Select(p => p.Entry)];
    }

    private void AddFile(ContentItem item, string source)
    {
        if (RequireInside(source) is not { } real)
        {
            return;
        }

        Try(source, () =>
        {
            FileStatus status = FileStatus.Of(real);
            if (status.Type == FileType.Regular)
            {
                Place(FileEntry(item, item.Destination, real, status), source);
            }
            else
            {
                Breach("ContentSpecialFile", source, $"{source}: no regular file, and cannot be packaged.");
            }
        });
    }

    // A link is followed for a single file, but not out of the recipe's folder: what a package holds must stand in the recipe.
    private string? RequireInside(string source)
    {
        string? real = null;
        Try(source, () =>
        {
            string resolved = RealPath.Of(source);
            bool declaredInside = PathIsBelow(source, sourceRoot) || PathIsBelow(source, buildFolder);
            if (declaredInside && !PathIsBelow(resolved, RealPath.Of(sourceRoot)) && !PathIsBelow(resolved, RealPath.Of(buildFolder)))
            {
                Breach("ContentLinkOutside", source, $"{source}: leads to {resolved}, outside the recipe's folder.", "Copy the file into the recipe's folder, or name it by its absolute path.");
                return;
            }

            real = resolved;
        });
        return real;
    }

    private PackageEntry FileEntry(ContentItem item, string destination, string source, FileStatus status)
    {
        // Opened once here: an unreadable file is found now and not in the middle of a package.
        using (File.OpenRead(source))
        {
        }

        return Entry(PackageEntryKind.File, item, item.Mode ?? ((status.Mode & Executable) != 0 ? ExecutableFile : PlainFile)) with
        {
            Path = destination,
            Content = new FileContent(source),
        };
    }

    private PackageEntry Entry(PackageEntryKind kind, ContentItem item, int mode) => new(kind, item.Destination)
    {
        Mode = mode,
        Owner = item.Owner,
        Group = item.Group,
        Flags = item.Flags,
        Capabilities = kind == PackageEntryKind.File ? item.Capabilities : null,
        ModifiedTime = timestamp,
    };

    private void Place(PackageEntry entry, string from, bool isImplied = false)
    {
        var placed = new Placed(entry, from, isImplied);
        if (_entries.TryAdd(entry.Path, placed))
        {
            return;
        }

        // Two trees may share folders; a folder that is declared decides over one that only comes with a tree.
        Placed other = _entries[entry.Path];
        if (entry.Kind == PackageEntryKind.Directory && other.Entry.Kind == PackageEntryKind.Directory && (isImplied || other.IsImplied))
        {
            _entries[entry.Path] = isImplied ? other : placed;
            return;
        }

        Breach("ContentDuplicatePath", entry.Path, $"{entry.Path} comes twice: from {other.From} and from {from}.", "Leave one of them out; a tree takes 'exclude'.");
    }

    private void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Breach("ContentMissing", path, $"{path}: no such file or folder.");
        }
        catch (UnauthorizedAccessException)
        {
            Breach("ContentUnreadable", path, $"{path}: may not be read.", "Give the building user the right to read it.");
        }
    }

    private void Breach(string id, string path, string message, string? advice = null) =>
        _findings.Add(new Finding(id, FindingSeverity.Error, message, package, path) { Advice = advice });

    private static bool PathIsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Walks one tree.</summary>
    private sealed class TreeWalk(ContentCollector collector, TreeItem tree, string root)
    {
        private readonly Dictionary<(ulong, ulong), string> _firstNames = [];

        /// <summary>Links have been judged before (a Python environment's lead to the system's interpreter).</summary>
        public bool LinksMayLeave { get; init; }

        public void Run(CancellationToken cancellationToken)
        {
            if (tree.Destination != "/")
            {
                PlaceFolder(tree.Destination);
            }

            Walk(root, string.Empty, cancellationToken);
        }

        private void PlaceFolder(string destination) => collector.Place(
            collector.Entry(PackageEntryKind.Directory, tree, tree.DirectoryMode ?? ExecutableFile) with { Path = destination, Flags = PackageEntryFlags.None }, root, isImplied: true);

        private void Walk(string folder, string prefix, CancellationToken cancellationToken) => collector.Try(folder, () =>
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string relative = prefix + Path.GetFileName(path);
                if (!tree.Excludes.Matches(relative))
                {
                    collector.Try(path, () => Take(path, relative, cancellationToken));
                }
            }
        });

        private void Take(string path, string relative, CancellationToken cancellationToken)
        {
            string destination = (tree.Destination == "/" ? string.Empty : tree.Destination) + "/" + relative;
            FileStatus status = FileStatus.Of(path);
            switch (status.Type)
            {
                case FileType.Directory:
                    PlaceFolder(destination);
                    Walk(path, relative + "/", cancellationToken);
                    break;
                case FileType.SymbolicLink:
                    TakeLink(path, destination);
                    break;
                case FileType.Regular when status.LinkCount > 1 && _firstNames.TryGetValue(status.Inode, out string? first):
                    collector.Place(collector.Entry(PackageEntryKind.HardLink, tree, PlainFile) with { Path = destination, LinkTarget = first }, path);
                    break;
                case FileType.Regular:
                    _firstNames.TryAdd(status.Inode, destination);
                    collector.Place(collector.FileEntry(tree, destination, path, status), path);
                    break;
                default:
                    collector.Breach("ContentSpecialFile", path, $"{path}: a socket, named pipe or device, which cannot be packaged.", "Leave it out with 'exclude'.");
                    break;
            }
        }

        private void TakeLink(string path, string destination)
        {
            string target = new FileInfo(path).LinkTarget!;
            string onTarget = Path.GetFullPath(target, Path.GetDirectoryName(destination)!);
            if (!LinksMayLeave && !PathIsBelow(onTarget, tree.Destination) && tree.Destination != "/")
            {
                collector.Breach(
                    "ContentLinkOutside",
                    path,
                    $"{path}: a link to {target}, which leads out of the tree.",
                    "Leave it out with 'exclude', and lay down a 'link' of the recipe's own where it is wanted.");
                return;
            }

            collector.Place(collector.Entry(PackageEntryKind.SymbolicLink, tree, 0b111_111_111) with { Path = destination, LinkTarget = target, Flags = PackageEntryFlags.None }, path);
        }
    }
}
