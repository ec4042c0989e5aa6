using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Building;

/// <summary>The file tree beside <c>DEBIAN</c>: modes as they are, everything owned by root, links not followed.</summary>
internal static class DebianTreeContent
{
    private const string RemoveOnUpgrade = "remove-on-upgrade";

    /// <summary>The entries of a folder.</summary>
    /// <param name="folder">The folder that holds <c>DEBIAN</c>.</param>
    /// <param name="conffiles">Lines of the conffiles file: a path, maybe after a flag (deb-conffiles(5)).</param>
    /// <param name="timestamp">Newest time that an entry may have.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static IReadOnlyList<PackageEntry> Read(string folder, IReadOnlyList<string> conffiles, DateTimeOffset timestamp, CancellationToken cancellationToken)
    {
        var config = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<PackageEntry>();
        foreach (string line in conffiles)
        {
            if (line.StartsWith(RemoveOnUpgrade + " ", StringComparison.Ordinal))
            {
                entries.Add(new PackageEntry(PackageEntryKind.Ghost, line[RemoveOnUpgrade.Length..].Trim()) { Flags = PackageEntryFlags.RemoveOnUpgrade });
            }
            else
            {
                config.Add(line);
            }
        }

        foreach (string path in Walk(folder, cancellationToken))
        {
            PackageEntry entry = Entry(path, "/" + Path.GetRelativePath(folder, path), timestamp);
            entries.Add(config.Remove(entry.Path) ? entry with { Flags = PackageEntryFlags.Config } : entry);
        }

        return config.Count == 0 ? entries : throw new FormatException($"conffiles names '{config.Order(StringComparer.Ordinal).First()}', which is not in the tree");
    }

    /// <summary>Time of the newest file; the epoch for a tree without files.</summary>
    public static DateTimeOffset NewestFile(string folder, CancellationToken cancellationToken)
    {
        DateTime newest = DateTime.UnixEpoch;
        foreach (string path in Directory.EnumerateFiles(folder, "*", Everything(recurse: true)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            DateTime time = new FileInfo(path).LastWriteTimeUtc;
            newest = time > newest ? time : newest;
        }

        return DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(newest).ToUnixTimeSeconds());
    }

    private static IEnumerable<string> Walk(string folder, CancellationToken cancellationToken)
    {
        var open = new Stack<string>(Directory.EnumerateFileSystemEntries(folder, "*", Everything(recurse: false))
            .Where(p => Path.GetFileName(p) != DebianTree.ControlFolder));
        while (open.TryPop(out string? path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return path;
            if (FileStatus.Of(path).Type == FileType.Directory)
            {
                foreach (string child in Directory.EnumerateFileSystemEntries(path, "*", Everything(recurse: false)))
                {
                    open.Push(child);
                }
            }
        }
    }

    private static PackageEntry Entry(string path, string target, DateTimeOffset timestamp)
    {
        FileStatus status = FileStatus.Of(path);
        var time = DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(new FileInfo(path).LastWriteTimeUtc).ToUnixTimeSeconds());
        var entry = new PackageEntry(PackageEntryKind.File, target) { Mode = status.Mode, ModifiedTime = time < timestamp ? time : timestamp };
        return status.Type switch
        {
            FileType.Regular => entry with { Content = new FileContent(path) },
            FileType.Directory => entry with { Kind = PackageEntryKind.Directory },
            FileType.SymbolicLink => entry with { Kind = PackageEntryKind.SymbolicLink, LinkTarget = new FileInfo(path).LinkTarget },
            _ => throw new OmnibusException("ContentSpecialFile", ErrorKind.InvalidData, $"{path}: no regular file, and cannot be packaged.", path),
        };
    }

    private static EnumerationOptions Everything(bool recurse) => new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        RecurseSubdirectories = recurse,
        MatchType = MatchType.Simple,
    };
}
