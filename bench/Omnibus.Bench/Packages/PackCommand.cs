using System.Globalization;
using System.IO.Enumeration;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Bench.Packages;

/// <summary>The measured process of our side: <c>pack FORMAT COMPRESSOR LEVEL TREE FOLDER</c> packs a tree with the engine.</summary>
internal static class PackCommand
{
    /// <summary>Packs.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        (string format, string kind, string level, string tree, string folder) = (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
        bool deb = format.Equals("deb", StringComparison.OrdinalIgnoreCase);
        var definition = new PackageDefinition
        {
            Name = "bench",
            Version = new PackageVersion("1", "1"),
            Architecture = deb ? "all" : "noarch",
            Summary = "a tree of files",
            Maintainer = "Bench <bench@example.com>",
            License = "none",
            Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
            Entries = Entries(tree),
        };
        var settings = new CompressionSettings(Enum.Parse<CompressionKind>(kind, ignoreCase: true), int.Parse(level, CultureInfo.InvariantCulture));
        await PackageFormats.Get(format).WriteAsync(definition, folder, new PackageWriteOptions(settings) { Force = true }, CancellationToken.None);
    }

    // The folders two levels down are listed on all cores.
    private static List<PackageEntry> Entries(string tree)
    {
        string[] tops = Directory.GetDirectories(tree);
        string[] parts = [.. tops.SelectMany(Directory.GetDirectories)];
        var lists = new List<PackageEntry>[parts.Length];
        Parallel.For(0, parts.Length, i => lists[i] = EntriesBelow(tree, parts[i]));
        return
        [
            .. tops.Concat(parts).Select(folder => new PackageEntry(PackageEntryKind.Directory, folder[tree.Length..])),
            .. lists.SelectMany(list => list),
        ];
    }

    private static List<PackageEntry> EntriesBelow(string tree, string folder)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var found = new FileSystemEnumerable<PackageEntry>(
            folder,
            (ref FileSystemEntry item) =>
            {
                string full = item.ToFullPath();
                string path = full[tree.Length..];
                if (item.IsDirectory)
                {
                    return new PackageEntry(PackageEntryKind.Directory, path) { ModifiedTime = time };
                }

                // Asks the system once for both.
                var file = new FileInfo(full);
                return new PackageEntry(PackageEntryKind.File, path)
                {
                    Mode = (int)file.UnixFileMode,
                    ModifiedTime = time,
                    Content = new FileContent(full, file.Length),
                };
            },
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        return [.. found];
    }
}
