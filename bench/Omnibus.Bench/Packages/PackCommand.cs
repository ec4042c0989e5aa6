using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Enumeration;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Bench.Packages;

/// <summary>
/// The measured process of our side: <c>pack FORMAT COMPRESSOR LEVEL TREE FOLDER</c> packs a tree with the engine. With a number behind it packs as often
/// and tells how many milliseconds the last time took: what it takes in a session that is already running.
/// </summary>
internal static class PackCommand
{
    /// <summary>Packs.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        (string format, string kind, string level, string tree, string folder) = (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
        int times = arguments.Length > 5 ? int.Parse(arguments[5], CultureInfo.InvariantCulture) : 1;
        var watch = new Stopwatch();
        for (int i = 0; i < times; i++)
        {
            watch.Restart();
            await PackAsync(format, kind, level, tree, folder);
        }

        if (times > 1)
        {
            Console.WriteLine(watch.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static async Task PackAsync(string format, string kind, string level, string tree, string folder)
    {
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

    // The folders three levels down are listed on all cores, whichever is free takes the next.
    private static List<PackageEntry> Entries(string tree)
    {
        string[] tops = Directory.GetDirectories(tree);
        string[] seconds = [.. tops.SelectMany(Directory.GetDirectories)];
        string[] parts = [.. seconds.SelectMany(Directory.GetDirectories)];
        string[] upper = [.. tops, .. seconds];
        var lists = new List<PackageEntry>[parts.Length];
        var queue = Partitioner.Create(Enumerable.Range(0, parts.Length), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(queue, i => lists[i] = EntriesIn(tree, parts[i], below: true));
        return
        [
            .. upper.Concat(parts).Select(folder => new PackageEntry(PackageEntryKind.Directory, folder[tree.Length..])),
            .. upper.SelectMany(folder => EntriesIn(tree, folder, below: false)),
            .. lists.SelectMany(list => list),
        ];
    }

    private static List<PackageEntry> EntriesIn(string tree, string folder, bool below)
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
                var file = (FileInfo)item.ToFileSystemInfo();
                return new PackageEntry(PackageEntryKind.File, path)
                {
                    Mode = (int)file.UnixFileMode,
                    ModifiedTime = time,
                    Content = new FileContent(full, file.Length),
                };
            },
            new EnumerationOptions { RecurseSubdirectories = below, AttributesToSkip = 0 })
        {
            ShouldIncludePredicate = (ref FileSystemEntry item) => below || !item.IsDirectory,
        };
        return [.. found];
    }
}
