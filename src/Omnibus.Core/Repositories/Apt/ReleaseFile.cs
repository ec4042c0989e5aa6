using System.Globalization;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>An index that a Release file names.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex digest.</param>
internal sealed record ReleaseEntry(long Size, string Sha256);

/// <summary>The Release file of a suite: fields, and the digest of each index by its path beside the file.</summary>
internal sealed class ReleaseFile
{
    private const string DateFormat = "ddd, dd MMM yyyy HH:mm:ss 'UTC'";

    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>The indexes by path.</summary>
    public SortedDictionary<string, ReleaseEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>A field's value, or null.</summary>
    public string? this[string name] => _fields.Find(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The time of publication.</summary>
    public DateTimeOffset? Date => ParseDate(this["Date"]);

    /// <summary>The time from which clients refuse it, or null.</summary>
    public DateTimeOffset? ValidUntil => ParseDate(this["Valid-Until"]);

    /// <summary>Adds a field unless its value is empty.</summary>
    public void Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _fields.Add(new(name, value));
        }
    }

    /// <summary>Adds a time.</summary>
    public void Add(string name, DateTimeOffset time) => Add(name, time.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture));

    /// <summary>The file's text.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in _fields)
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }

        text.Append("SHA256:\n");
        foreach ((string path, ReleaseEntry entry) in Entries)
        {
            text.Append(CultureInfo.InvariantCulture, $" {entry.Sha256} {entry.Size,16} {path}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads a Release file.</summary>
    /// <param name="text">Its text, without the frame of a signature.</param>
    /// <param name="item">Its key, for errors.</param>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    public static ReleaseFile Parse(ReadOnlySpan<byte> text, string item)
    {
        var release = new ReleaseFile();
        bool inDigests = false;
        bool anyDigests = false;
        foreach (string raw in Encoding.UTF8.GetString(text).Split('\n'))
        {
            string line = raw.TrimEnd('\r', ' ', '\t');
            if (line.Length == 0)
            {
                continue;
            }

            if (line[0] is ' ' or '\t')
            {
                if (inDigests)
                {
                    release.AddEntry(line, item);
                }

                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw Invalid(item, $"the line '{(line.Length > 80 ? line[..80] : line)}' is no field");
            }

            string name = line[..colon];
            inDigests = name.Equals("SHA256", StringComparison.OrdinalIgnoreCase);
            anyDigests |= inDigests;
            release._fields.Add(new(name, line[(colon + 1)..].Trim()));
        }

        return anyDigests ? release : throw Invalid(item, "it has no SHA-256 digests");
    }

    private static DateTimeOffset? ParseDate(string? text) =>
        DateTimeOffset.TryParse(text?.Replace("UTC", "GMT", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static OmnibusException Invalid(string item, string what) =>
        new("RepositoryPointerInvalid", ErrorKind.InvalidData, $"{item} is no usable Release file: {what}.", item);

    private void AddEntry(string line, string item)
    {
        string[] parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 3 || parts[0].Length != 64 || !parts[0].All(char.IsAsciiHexDigit)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
        {
            throw Invalid(item, $"'{(line.Length > 160 ? line[..160] : line)}' is no digest, size and path");
        }

        if (!Storage.ObjectKey.IsValid(parts[2]))
        {
            throw Invalid(item, $"the path '{parts[2]}' leaves the repository");
        }

        Entries[parts[2]] = new ReleaseEntry(size, parts[0].ToLowerInvariant());
    }
}
