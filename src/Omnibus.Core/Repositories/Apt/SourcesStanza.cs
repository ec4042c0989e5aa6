using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>A file that a list of digests names.</summary>
/// <param name="Digest">Lower-case hex digest.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Name">File name, without any folder.</param>
internal sealed record SourceFileEntry(string Digest, long Size, string Name);

/// <summary>Writes and reads the stanzas of a Sources file: the fields of the .dsc, the folder, and the .dsc itself among the files.</summary>
internal static partial class SourcesStanza
{
    /// <summary>The lists of digests by field, with the length of their digests.</summary>
    public static readonly IReadOnlyList<(string Field, int DigestLength)> DigestLists = [("Files", 32), ("Checksums-Sha1", 40), ("Checksums-Sha256", 64)];

    private const int MostFiles = 1000;

    // The order of apt-ftparchive (measured with apt 2.6). Fields that it does not name follow in their own order.
    private static readonly Dictionary<string, int> s_order = PackagesStanza.Number(
        "Package", "Format", "Binary", "Architecture", "Version", "Priority", "Section", "Origin", "Maintainer", "Original-Maintainer", "Uploaders",
        "Dm-Upload-Allowed", "Standards-Version", "Build-Depends", "Build-Depends-Arch", "Build-Depends-Indep", "Build-Conflicts", "Build-Conflicts-Arch",
        "Build-Conflicts-Indep", "Testsuite", "Testsuite-Triggers", "Homepage", "Vcs-Browser", "Vcs-Browse", "Vcs-Arch", "Vcs-Bzr", "Vcs-Cvs", "Vcs-Darcs",
        "Vcs-Git", "Vcs-Hg", "Vcs-Mtn", "Vcs-Svn", "Directory", "Package-List", "Files", "Checksums-Sha1", "Checksums-Sha256");

    /// <summary>Makes the parts of a stanza before and after the value of <c>Directory</c>, which is known last.</summary>
    /// <param name="control">The fields of the .dsc.</param>
    /// <param name="dsc">The .dsc itself by the field that lists it.</param>
    public static (byte[] Before, byte[] After) Make(ControlStanza control, IReadOnlyDictionary<string, SourceFileEntry> dsc)
    {
        var fields = new List<(int Order, string Name, string Value)>();
        foreach ((string name, string value) in control.Fields)
        {
            string field = name.Equals("Source", StringComparison.OrdinalIgnoreCase) ? "Package" : name;
            SourceFileEntry? listed = dsc.FirstOrDefault(d => d.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
            string text = listed is null ? value : $"\n {listed.Digest} {listed.Size.ToString(CultureInfo.InvariantCulture)} {listed.Name}{value}";
            if (!name.Equals("Directory", StringComparison.OrdinalIgnoreCase) && !name.Equals("Package", StringComparison.OrdinalIgnoreCase) && !name.Equals("Checksums-Sha512", StringComparison.OrdinalIgnoreCase))
            {
                fields.Add((s_order.GetValueOrDefault(field, s_order.Count), field, text));
            }
        }

        int directory = s_order["Directory"];
        var before = new StringBuilder(1024);
        var after = new StringBuilder(1024);
        foreach ((int order, string name, string value) in fields.OrderBy(f => f.Order))
        {
            StringBuilder target = order < directory ? before : after;
            target.Append(name).Append(value.Length == 0 || value[0] == '\n' ? ":" : ": ").Append(value).Append('\n');
        }

        return (Encoding.UTF8.GetBytes(before + "Directory: "), Encoding.UTF8.GetBytes("\n" + after + "\n"));
    }

    /// <summary>Reads a stanza.</summary>
    /// <param name="stanza">Its bytes.</param>
    /// <param name="component">The component whose index it stands in.</param>
    /// <param name="item">The index, for errors.</param>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static PublishedPackage Read(ReadOnlySpan<byte> stanza, string component, string item)
    {
        ControlStanza fields = PackagesStanza.Parse(stanza, item);
        string name = PackagesStanza.Required(fields, "Package", item);
        string folder = fields["Directory"] ?? string.Empty;
        folder = folder is "." or "./" ? string.Empty : folder.StartsWith("./", StringComparison.Ordinal) ? folder[2..] : folder;
        IReadOnlyList<SourceFileEntry> entries;
        try
        {
            entries = ParseList(PackagesStanza.Required(fields, "Checksums-Sha256", item), 64);
        }
        catch (FormatException e)
        {
            throw PackagesStanza.Invalid(item, $"the files of {name} are no list of digests: {e.Message}", e);
        }

        PublishedFile[] files = [.. entries.Select(e => new PublishedFile(KeyOf(folder, e.Name, item), e.Size, e.Digest))];
        PublishedFile dsc = files.FirstOrDefault(f => f.Key.EndsWith(".dsc", StringComparison.Ordinal)) ?? throw PackagesStanza.Invalid(item, $"{name} has no .dsc", null);
        return new PublishedPackage
        {
            Identity = new PackageIdentity(component, name, PackagesStanza.Required(fields, "Version", item), AptIndex.SourceArchitecture),
            Key = dsc.Key,
            Size = dsc.Size,
            Sha256 = dsc.Sha256,
            MoreFiles = [.. files.Where(f => f != dsc)],
            Summary = fields["Binary"] is { } binary ? $"Source of {string.Join(' ', binary.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))}" : string.Empty,
            Section = fields["Section"],
            Fields = fields.Fields,
        };
    }

    /// <summary>Reads a list of digests, sizes and file names.</summary>
    /// <param name="text">The field's value.</param>
    /// <param name="digestLength">Digits of its digests.</param>
    /// <exception cref="FormatException">It is none, or a name is more than a file's name; the message says what.</exception>
    public static IReadOnlyList<SourceFileEntry> ParseList(string text, int digestLength)
    {
        var entries = new List<SourceFileEntry>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0)
            {
                continue;
            }

            if (parts.Length != 3 || parts[0].Length != digestLength || !parts[0].All(char.IsAsciiHexDigit) || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
            {
                throw new FormatException($"'{Short(line.Trim())}' is no digest, size and name");
            }

            if (!FileNamePattern().IsMatch(parts[2]))
            {
                throw new FormatException($"'{Short(parts[2])}' cannot be the name of a file of a source package");
            }

            if (entries.Exists(e => e.Name == parts[2]) || entries.Count >= MostFiles)
            {
                throw new FormatException($"'{parts[2]}' is listed twice, or as one of more than {MostFiles}");
            }

            entries.Add(new SourceFileEntry(parts[0].ToLowerInvariant(), size, parts[2]));
        }

        return entries;
    }

    private static string KeyOf(string folder, string name, string item)
    {
        string key = folder.Length == 0 ? name : $"{folder.TrimEnd('/')}/{name}";
        return Storage.ObjectKey.IsValid(key) && !RepositoryKeys.IsHidden(key) ? key : throw PackagesStanza.Invalid(item, $"the file name '{key}' leaves the repository", null);
    }

    private static string Short(string text) => text.Length > 120 ? text[..120] : text;

    // It becomes a path beside the .dsc and a key in the pool: no slash, nothing hidden.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.+_~-]{0,254}$")]
    private static partial Regex FileNamePattern();
}
