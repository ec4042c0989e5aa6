using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>The files that Debian wants under /usr/share/doc/NAME: the changelog, compressed, and the copyright (Debian Policy 12.5, 12.7).</summary>
internal static class DebDocumentation
{
    private const int LineWidth = 78;

    /// <summary>The entries for a definition.</summary>
    public static IEnumerable<PackageEntry> Create(PackageDefinition definition)
    {
        string folder = $"/usr/share/doc/{definition.Name}";

        // A native package has one changelog; otherwise changelog.gz is upstream's.
        string name = definition.Version.Release is null ? "changelog.gz" : "changelog.Debian.gz";
        yield return File($"{folder}/{name}", Compress(Changelog(definition)), definition.Timestamp);
        if (definition.Copyright is not null)
        {
            string text = definition.Copyright.EndsWith('\n') ? definition.Copyright : definition.Copyright + "\n";
            yield return File($"{folder}/copyright", Encoding.UTF8.GetBytes(text), definition.Timestamp);
        }
    }

    /// <summary>The changelog in Debian's form (deb-changelog(5)). Without entries there is one that names the version.</summary>
    internal static string Changelog(PackageDefinition definition)
    {
        IReadOnlyList<ChangelogEntry> entries = definition.Changelog;
        if (entries.Count == 0)
        {
            entries = [new ChangelogEntry(definition.Version.ToString(), definition.Timestamp, definition.Maintainer, [$"Version {definition.Version}."])];
        }

        string distribution = DistributionName(definition.Distribution);
        var text = new StringBuilder();
        foreach (ChangelogEntry entry in entries)
        {
            text.Append(text.Length > 0 ? "\n" : string.Empty);
            text.Append(CultureInfo.InvariantCulture, $"{definition.SourceName ?? definition.Name} ({entry.Version}) {distribution}; urgency=medium\n\n");
            foreach (string change in entry.Changes)
            {
                AppendWrapped(text, change);
            }

            text.Append(CultureInfo.InvariantCulture, $"\n -- {entry.Author}  {entry.Time.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture)}{Offset(entry.Time)}\n");
        }

        return text.ToString();
    }

    // Letters, digits, '-', '+' and '.' are allowed (dpkg's changelog grammar).
    private static string DistributionName(string? name) =>
        name is not null && name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '.') ? name : "unstable";

    private static string Offset(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(time.Offset < TimeSpan.Zero ? '-' : '+')}{time.Offset:hhmm}");

    private static void AppendWrapped(StringBuilder text, string change)
    {
        int width = 3;
        text.Append("  *");
        foreach (string word in change.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (width + 1 + word.Length > LineWidth && width > 3)
            {
                text.Append("\n   ");
                width = 3;
            }

            text.Append(' ').Append(word);
            width += 1 + word.Length;
        }

        text.Append('\n');
    }

    private static byte[] Compress(string text)
    {
        using var target = new MemoryStream();

        // .NET's own zlib, whatever other libraries the machine has: the file is a part of the payload, and payloads are to repeat.
        using (var gzip = new GZipStream(target, new ZLibCompressionOptions { CompressionLevel = 9 }, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }

    private static PackageEntry File(string path, byte[] bytes, DateTimeOffset time) => new(PackageEntryKind.File, path)
    {
        Content = new MemoryContent(bytes),
        ModifiedTime = time,
        Flags = PackageEntryFlags.Documentation,
    };
}
