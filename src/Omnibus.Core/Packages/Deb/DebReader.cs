using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Reads a .deb into a <see cref="PackageFile"/>.</summary>
internal static class DebReader
{
    /// <summary>Reads a package.</summary>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static PackageFile Read(string path, PackageReadParts parts, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024);
            bool files = parts.HasFlag(PackageReadParts.Files);
            DebContents contents = DebContents.Read(file, files ? DebDataReading.List : DebDataReading.Skip, files || parts.HasFlag(PackageReadParts.Scripts), cancellationToken);
            string? sha256 = null;
            if (parts.HasFlag(PackageReadParts.Digest))
            {
                file.Position = 0;
                sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            }

            return Create(path, file.Length, sha256, contents, parts);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("PackageNotFound", ErrorKind.NotFound, $"{path}: no such file.", path, inner: e);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.InvalidData, $"{path} is no usable deb: {e.Message}.", path, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.PermissionDenied, $"{path}: may not be read.", path, inner: e);
        }
        catch (IOException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.Storage, $"{path} could not be read: {e.Message}", path, inner: e);
        }
    }

    private static PackageFile Create(string path, long size, string? sha256, DebContents contents, PackageReadParts parts)
    {
        ControlStanza control = ControlStanza.Parse(Encoding.UTF8.GetString(contents.Control));
        PackageVersion version = PackageVersion.Parse(Required(control, "Version"));
        (string summary, string description) = SplitDescription(control["Description"] ?? string.Empty);
        bool scripts = parts.HasFlag(PackageReadParts.Scripts);
        return new PackageFile
        {
            Name = Required(control, "Package"),
            Version = version.Upstream,
            Release = version.Release,
            Epoch = version.Epoch,
            Architecture = Required(control, "Architecture"),
            Format = "Deb",
            Path = path,
            Size = size,
            Sha256 = sha256,
            InstalledSize = InstalledSize(control),
            Summary = summary,
            Description = description,
            Maintainer = control["Maintainer"],
            Vendor = control["Vendor"],
            License = control["License"],
            Homepage = control["Homepage"],
            Section = control["Section"],
            Fields = control.Fields,
            Relations = Relations(control),
            Files = parts.HasFlag(PackageReadParts.Files) ? Files(contents) : [],
            Scripts = scripts ? Scripts(contents) : [],
            Triggers = scripts ? Triggers(contents) : [],
        };
    }

    private static string Required(ControlStanza control, string field) =>
        control[field] is { Length: > 0 } value ? value : throw new InvalidDataException($"its control file has no field '{field}'");

    private static long InstalledSize(ControlStanza control) =>
        long.TryParse(control["Installed-Size"], NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size < long.MaxValue / 1024
            ? size * 1024
            : 0;

    private static (string Summary, string Description) SplitDescription(string value)
    {
        int end = value.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0)
        {
            return (value, string.Empty);
        }

        var text = new StringBuilder();
        foreach (string line in value[(end + 1)..].Split('\n'))
        {
            text.Append(text.Length > 0 ? "\n" : string.Empty).Append(line is " ." ? string.Empty : line[1..]);
        }

        return (value[..end], text.ToString());
    }

    private static List<PackageRelation> Relations(ControlStanza control)
    {
        var relations = new List<PackageRelation>();
        foreach ((string field, RelationKind kind) in DebRelation.Fields)
        {
            if (control[field] is { } value)
            {
                relations.AddRange(DebRelation.Parse(kind, value));
            }
        }

        return relations;
    }

    private static List<PackageFileEntry> Files(DebContents contents)
    {
        Dictionary<string, string> sums = Sums(contents.ControlFile("md5sums"));
        var conffiles = new HashSet<string>(
            (contents.ControlFile("conffiles") ?? string.Empty).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            StringComparer.Ordinal);
        var files = new List<PackageFileEntry>(contents.Data.Count);
        foreach (TarStreamEntry entry in contents.Data)
        {
            PackageEntryKind kind = entry.Type switch
            {
                TarEntryType.File => PackageEntryKind.File,
                TarEntryType.Directory => PackageEntryKind.Directory,
                TarEntryType.SymbolicLink => PackageEntryKind.SymbolicLink,
                TarEntryType.HardLink => PackageEntryKind.HardLink,
                _ => PackageEntryKind.Special,
            };
            files.Add(new PackageFileEntry(
                kind,
                entry.Name,
                entry.Mode,
                entry.Size,
                entry.Owner,
                entry.Group,
                DateTimeOffset.FromUnixTimeSeconds(Math.Min(entry.Modified, DateTimeOffset.MaxValue.ToUnixTimeSeconds())),
                kind == PackageEntryKind.HardLink ? DebContents.ToPath(entry.LinkTarget!) : entry.LinkTarget,
                sums.GetValueOrDefault(entry.Name),
                conffiles.Contains(entry.Name) ? PackageEntryFlags.Config : PackageEntryFlags.None));
        }

        return files;
    }

    // "<32 hex digits>  <path without leading slash>" (deb-md5sums(5)).
    private static Dictionary<string, string> Sums(string? text)
    {
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > 34 && line[32] == ' ')
            {
                ReadOnlySpan<char> path = line[34..];
                sums[path.StartsWith("./") ? path[1..].ToString() : $"/{path.TrimStart('/')}"] = line[..32].ToString();
            }
        }

        return sums;
    }

    private static List<PackageScript> Scripts(DebContents contents)
    {
        var scripts = new List<PackageScript>();
        foreach ((ScriptKind kind, string file) in DebControl.Scripts)
        {
            if (contents.ControlFile(file) is { } text)
            {
                scripts.Add(new PackageScript(kind, text, Interpreter(text)));
            }
        }

        return scripts;
    }

    private static string[]? Interpreter(string text)
    {
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            return null;
        }

        // The kernel parts the first word alone from the rest.
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return text[2..(end < 0 ? text.Length : end)].Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static List<PackageTrigger> Triggers(DebContents contents)
    {
        var triggers = new List<PackageTrigger>();
        foreach (string line in (contents.ControlFile("triggers") ?? string.Empty).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && !line.StartsWith('#'))
            {
                triggers.Add(new PackageTrigger(TriggerKind.Deb, [new RelationTarget(words[1])]) { Directive = words[0] });
            }
        }

        return triggers;
    }
}
