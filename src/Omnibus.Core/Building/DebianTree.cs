using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Core.Building;

/// <summary>
/// A folder as dpkg-deb takes it: a file tree, and beside it <c>DEBIAN/control</c> (deb-control(5)) with the other control files. Instead of
/// <c>control</c> there may be a <c>control.template</c>: comments and empty lines are dropped, and the version is given from outside.
/// </summary>
public static class DebianTree
{
    /// <summary>Name of the folder with the control files.</summary>
    public const string ControlFolder = "DEBIAN";

    private const int ControlLimit = 4 * 1024 * 1024;

    // Made anew from the tree, so that they are always true.
    private static readonly HashSet<string> s_derived = new(StringComparer.Ordinal) { "control", "control.template", "md5sums", "conffiles", "triggers" };

    /// <summary>Whether a path is such a folder.</summary>
    public static bool IsTree(string path) => ControlFile(path) is not null;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder that holds <c>DEBIAN</c>.</param>
    /// <param name="version">Version instead of that of the control file (<c>[epoch:]upstream[-revision]</c>), or null: a template without a version then takes that of the neighbouring Python project.</param>
    /// <param name="codename">Codename of the target, which a neighbouring project's version is to end with; or null.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException">
    /// <c>DebianTreeInvalid</c> (no control file, or one that breaks the syntax), <c>VersionUnknown</c>, <c>VersionInvalid</c>, <c>ControlFileUnsupported</c>,
    /// <c>ContentSpecialFile</c>, <c>ContentUnreadable</c>, <c>SourceDateInvalid</c>.
    /// </exception>
    public static PackageDefinition Read(string folder, string? version, string? codename, CancellationToken cancellationToken)
    {
        string control = ControlFile(folder) ?? throw new OmnibusException(
            "DebianTreeInvalid", ErrorKind.InvalidData, $"{folder}: holds no {ControlFolder}/control and no {ControlFolder}/control.template.", folder);
        try
        {
            ControlStanza stanza = ControlStanza.Parse(ReadControl(control));
            string text = version ?? stanza["Version"] ?? NeighbourVersion.Find(folder, codename) ?? throw new OmnibusException(
                "VersionUnknown",
                ErrorKind.InvalidArgument,
                $"{control}: names no version, and there is no Python project beside the folder that has one.",
                control,
                "Give -Version, or a field 'Version'.");
            DateTimeOffset timestamp = BuildTimestamp.FromEnvironment() ?? DebianTreeContent.NewestFile(folder, cancellationToken);
            return Define(stanza, control, ParseVersion(text)) with
            {
                Entries = DebianTreeContent.Read(folder, ReadOptional(folder, "conffiles"), timestamp, cancellationToken),
                Scripts = Scripts(folder),
                Triggers = Triggers(folder),
                Timestamp = timestamp,
            };
        }
        catch (FormatException e)
        {
            throw new OmnibusException("DebianTreeInvalid", ErrorKind.InvalidData, $"{control}: {e.Message}.", control, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("ContentUnreadable", ErrorKind.PermissionDenied, $"{folder}: {e.Message}", folder, inner: e);
        }
        catch (IOException e)
        {
            throw new OmnibusException("ContentUnreadable", ErrorKind.Storage, $"{folder}: {e.Message}", folder, inner: e);
        }
    }

    private static PackageDefinition Define(ControlStanza stanza, string control, PackageVersion version)
    {
        string description = Required("Description");
        int end = description.IndexOf('\n', StringComparison.Ordinal);
        return new PackageDefinition
        {
            Name = Required("Package"),
            Version = version,
            Architecture = Required("Architecture"),
            Maintainer = Required("Maintainer"),
            Summary = end < 0 ? description : description[..end],
            Description = end < 0 ? null : string.Join('\n', description[(end + 1)..].Split('\n').Select(l => l is " ." ? string.Empty : l[1..])),
            Section = stanza["Section"],
            Priority = stanza["Priority"] ?? "optional",
            Homepage = stanza["Homepage"],
            MultiArch = stanza["Multi-Arch"],
            SourceName = stanza["Source"],
            Relations = [.. DebRelation.Fields.SelectMany(f => stanza[f.Field] is { } value ? DebRelation.Parse(f.Kind, value) : [])],
            CustomFields = [.. stanza.Fields.Where(f => !DebControl.StandardFields.Contains(f.Key, StringComparer.OrdinalIgnoreCase))],
        };

        string Required(string field) => stanza[field] is { Length: > 0 } value
            ? value
            : throw new OmnibusException("DebianTreeInvalid", ErrorKind.InvalidData, $"{control}: has no field '{field}'.", control);
    }

    private static PackageVersion ParseVersion(string text)
    {
        try
        {
            return PackageVersion.Parse(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new OmnibusException(
                "VersionInvalid", ErrorKind.InvalidArgument, $"'{text}' is no version of a deb: [epoch:]upstream[-revision].", text, inner: e);
        }
    }

    private static List<PackageScript> Scripts(string folder)
    {
        var scripts = new List<PackageScript>();
        foreach (string path in Directory.EnumerateFileSystemEntries(Path.Combine(folder, ControlFolder)).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(path);
            if (s_derived.Contains(name))
            {
                continue;
            }

            int known = Array.FindIndex(DebControl.Scripts, s => s.File == name);
            if (known < 0)
            {
                throw new OmnibusException(
                    "ControlFileUnsupported",
                    ErrorKind.Unsupported,
                    $"{path}: Omnibus does not write this control file.",
                    path,
                    $"It knows {string.Join(", ", DebControl.Scripts.Select(s => s.File))}, conffiles and triggers. Remove the file.");
            }

            scripts.Add(new PackageScript(DebControl.Scripts[known].Kind, ReadText(path)));
        }

        return scripts;
    }

    private static List<PackageTrigger> Triggers(string folder)
    {
        var triggers = new List<PackageTrigger>();
        foreach (string line in ReadOptional(folder, "triggers"))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (!line.StartsWith('#'))
            {
                triggers.Add(words.Length == 2
                    ? new PackageTrigger(TriggerKind.Deb, [new RelationTarget(words[1])]) { Directive = words[0] }
                    : throw new FormatException($"the line '{line}' of its triggers is no 'directive name'"));
            }
        }

        return triggers;
    }

    private static string? ControlFile(string folder) =>
        new[] { "control", "control.template" }.Select(name => Path.Combine(folder, ControlFolder, name)).FirstOrDefault(File.Exists);

    private static string ReadControl(string path)
    {
        IEnumerable<string> lines = ReadText(path).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => !l.StartsWith('#'));
        return string.Join('\n', path.EndsWith(".template", StringComparison.Ordinal) ? lines.Where(l => l.Trim().Length > 0) : lines);
    }

    private static string[] ReadOptional(string folder, string name)
    {
        string path = Path.Combine(folder, ControlFolder, name);
        return File.Exists(path) ? ReadText(path).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private static string ReadText(string path) => new FileInfo(path).Length <= ControlLimit
        ? File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
        : throw new FormatException($"{Path.GetFileName(path)} is longer than {ControlLimit} bytes");
}
