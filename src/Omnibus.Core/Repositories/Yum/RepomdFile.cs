using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>repomd.xml: the pointer of a yum repository.</summary>
internal sealed class RepomdFile
{
    private const string SignatureStart = "<!-- omnibus-signature: ";
    private const string SignatureEnd = " -->\n";

    private static readonly XNamespace s_namespace = "http://linux.duke.edu/metadata/repo";

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        MaxCharactersInDocument = 16 * 1024 * 1024,
    };

    /// <summary>What clients call this state: seconds since 1970 where we wrote it.</summary>
    public string Revision { get; init; } = "0";

    /// <summary>Tags on what the repository holds.</summary>
    public IReadOnlyList<string> ContentTags { get; init; } = [];

    /// <summary>Tags on the repository.</summary>
    public IReadOnlyList<string> RepositoryTags { get; init; } = [];

    /// <summary>Distributions it is for: text and CPE id, or null.</summary>
    public IReadOnlyList<(string? CpeId, string Text)> DistributionTags { get; init; } = [];

    /// <summary>The metadata files.</summary>
    public IReadOnlyList<RepomdRecord> Records { get; init; } = [];

    /// <summary>When it was published: its revision, or the newest of its files where the revision is no time.</summary>
    public DateTimeOffset Time
    {
        get
        {
            long newest = Records.Count > 0 ? Records.Max(r => r.Timestamp) : 0;
            long seconds = long.TryParse(Revision, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) && revision < MaximumTime ? Math.Max(revision, newest) : newest;
            return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, MaximumTime));
        }
    }

    // The year 9999.
    private const long MaximumTime = 253_402_300_799;

    /// <summary>The record of a type, or null.</summary>
    public RepomdRecord? Find(string type)
    {
        foreach (RepomdRecord record in Records)
        {
            if (record.Type == type)
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Reads a pointer of any maker.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    public static RepomdFile Read(PublishedPointer pointer)
    {
        XElement root;
        try
        {
            using var stream = new MemoryStream(pointer.Content.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, s_settings);
            root = XDocument.Load(reader).Root!;
        }
        catch (XmlException e)
        {
            throw Invalid(pointer, e.Message, e);
        }

        if (root.Name != s_namespace + "repomd")
        {
            throw Invalid(pointer, $"its root is '{root.Name.LocalName}'");
        }

        XElement? tags = root.Element(s_namespace + "tags");
        return new RepomdFile
        {
            Revision = root.Element(s_namespace + "revision")?.Value.Trim() ?? "0",
            ContentTags = [.. tags?.Elements(s_namespace + "content").Select(e => e.Value) ?? []],
            RepositoryTags = [.. tags?.Elements(s_namespace + "repo").Select(e => e.Value) ?? []],
            DistributionTags = [.. tags?.Elements(s_namespace + "distro").Select(e => (e.Attribute("cpeid")?.Value, e.Value)) ?? []],
            Records = [.. root.Elements(s_namespace + "data").Select(e => ReadRecord(e, pointer))],
        };
    }

    /// <summary>The signature that a pointer of ours carries in itself, and the bytes that it is made over; null when there is none.</summary>
    public static (ReadOnlyMemory<byte> Text, byte[] Signature)? SplitSignature(PublishedPointer pointer)
    {
        ReadOnlySpan<byte> content = pointer.Content.Span;
        int start = content.LastIndexOf(Encoding.ASCII.GetBytes(SignatureStart));
        if (start < 0 || !content.EndsWith(Encoding.ASCII.GetBytes(SignatureEnd)))
        {
            return null;
        }

        string base64 = Encoding.ASCII.GetString(content[(start + SignatureStart.Length)..^SignatureEnd.Length]);
        byte[] signature = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, signature, out int length) ? (pointer.Content[..start], signature[..length]) : null;
    }

    /// <summary>Adds a signature to the text of a pointer, in a comment that clients pass over. So the pointer proves by itself who wrote it, and no second file can lag behind.</summary>
    public static byte[] AddSignature(byte[] text, ReadOnlySpan<byte> signature) =>
        [.. text, .. Encoding.ASCII.GetBytes(SignatureStart), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(signature)), .. Encoding.ASCII.GetBytes(SignatureEnd)];

    /// <summary>The text of the file.</summary>
    public byte[] ToBytes()
    {
        var xml = new XmlBuffer();
        xml.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n"u8);
        xml.Element("  "u8, "revision"u8, Encoding.UTF8.GetBytes(Revision));
        if (ContentTags.Count + RepositoryTags.Count + DistributionTags.Count > 0)
        {
            xml.Raw("  <tags>\n"u8);
            WriteTags(xml, "content"u8, ContentTags);
            WriteTags(xml, "repo"u8, RepositoryTags);
            foreach ((string? cpeId, string text) in DistributionTags)
            {
                xml.Raw("    <distro"u8);
                if (cpeId is not null)
                {
                    xml.Attribute("cpeid"u8, Encoding.UTF8.GetBytes(cpeId));
                }

                xml.Raw(">"u8).Text(Encoding.UTF8.GetBytes(text)).Raw("</distro>\n"u8);
            }

            xml.Raw("  </tags>\n"u8);
        }

        foreach (RepomdRecord record in Records)
        {
            WriteRecord(xml, record);
        }

        return xml.Raw("</repomd>\n"u8).Written.ToArray();
    }

    private static void WriteTags(XmlBuffer xml, ReadOnlySpan<byte> name, IReadOnlyList<string> tags)
    {
        foreach (string tag in tags)
        {
            xml.Element("    "u8, name, Encoding.UTF8.GetBytes(tag));
        }
    }

    private static void WriteRecord(XmlBuffer xml, RepomdRecord record)
    {
        xml.Raw("  <data"u8).Attribute("type"u8, Encoding.UTF8.GetBytes(record.Type)).Raw(">\n"u8);
        xml.Raw("    <checksum type=\"sha256\">"u8).Text(Encoding.ASCII.GetBytes(record.Sha256)).Raw("</checksum>\n"u8);
        if (record.OpenSha256 is not null)
        {
            xml.Raw("    <open-checksum type=\"sha256\">"u8).Text(Encoding.ASCII.GetBytes(record.OpenSha256)).Raw("</open-checksum>\n"u8);
        }

        xml.Raw("    <location"u8).Attribute("href"u8, Encoding.UTF8.GetBytes(record.Key)).Raw("/>\n"u8);
        xml.Raw("    <timestamp>"u8).Number(record.Timestamp).Raw("</timestamp>\n"u8);
        xml.Raw("    <size>"u8).Number(record.Size).Raw("</size>\n"u8);
        if (record.OpenSize is { } openSize)
        {
            xml.Raw("    <open-size>"u8).Number(openSize).Raw("</open-size>\n"u8);
        }

        xml.Raw("  </data>\n"u8);
    }

    private static RepomdRecord ReadRecord(XElement data, PublishedPointer pointer)
    {
        string type = data.Attribute("type")?.Value ?? string.Empty;
        XElement? checksum = data.Element(s_namespace + "checksum");
        string key = data.Element(s_namespace + "location")?.Attribute("href")?.Value ?? string.Empty;
        string digest = checksum?.Value.Trim().ToLowerInvariant() ?? string.Empty;
        if (checksum?.Attribute("type")?.Value != "sha256" || digest.Length != 64)
        {
            throw Invalid(pointer, $"'{type}' has no SHA-256 checksum");
        }

        if (type.Length == 0 || !YumLayout.IsSafeKey(key))
        {
            throw Invalid(pointer, $"the location '{key}' of '{type}' leads out of the repository");
        }

        XElement? openChecksum = data.Element(s_namespace + "open-checksum");
        return new RepomdRecord(type, key, digest, ReadNumber(data, "size") ?? throw Invalid(pointer, $"'{type}' has no size"))
        {
            OpenSha256 = openChecksum?.Attribute("type")?.Value == "sha256" ? openChecksum.Value.Trim() : null,
            OpenSize = ReadNumber(data, "open-size"),
            Timestamp = ReadNumber(data, "timestamp") ?? 0,
        };
    }

    // The old createrepo wrote time stamps with a fraction.
    private static long? ReadNumber(XElement data, string name) =>
        data.Element(s_namespace + name)?.Value.Trim().Split('.')[0] is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    private static OmnibusException Invalid(PublishedPointer pointer, string why, Exception? inner = null) => new(
        "RepositoryPointerInvalid",
        ErrorKind.InvalidData,
        $"{pointer.Key} is no usable repomd.xml: {why}.",
        pointer.Key,
        inner: inner);
}
