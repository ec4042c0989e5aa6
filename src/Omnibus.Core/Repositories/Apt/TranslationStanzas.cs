using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>
/// The stanzas of a Translation file: <c>Package</c>, <c>Description-md5</c> and <c>Description-en</c>. The Packages file then holds the
/// first line of the description and the MD5 sum that leads here: that of the whole description with a line feed at its end.
/// </summary>
internal sealed class TranslationStanzas : RecordFormat
{
    private static readonly byte[] s_head = "Package: "u8.ToArray();
    private static readonly byte[] s_sum = "\nDescription-md5: "u8.ToArray();
    private static readonly byte[] s_text = "\nDescription-en: "u8.ToArray();

    /// <summary>The only one.</summary>
    public static TranslationStanzas Instance { get; } = new();

    /// <inheritdoc/>
    protected override ulong PartRecords => 512;

    /// <summary>The sum that a description is found by.</summary>
    /// <param name="description">The field's value, all lines.</param>
    public static string SumOf(string description) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(description + "\n")));

    /// <summary>Makes a stanza.</summary>
    /// <param name="key">What <see cref="KeyFor"/> gives.</param>
    /// <param name="description">All lines.</param>
    public static byte[] Make(string key, string description) =>
        [.. s_head, .. Encoding.UTF8.GetBytes(key), .. s_text, .. Encoding.UTF8.GetBytes(description), .. "\n\n"u8];

    /// <summary>Reads a stanza of any maker.</summary>
    /// <returns>Null when it is no English description.</returns>
    /// <exception cref="Diagnostics.OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static (string Key, string Text)? Parse(byte[] stanza, string item)
    {
        ControlStanza fields = PackagesStanza.Parse(stanza, item);
        return fields["Package"] is { } name && fields[PackagesStanza.SumField] is { } sum && fields["Description-en"] is { } text ? (KeyFor(name, sum), text) : null;
    }

    /// <summary>The key of the stanza of a package and a sum.</summary>
    public static string KeyFor(string package, string sum) => $"{package}\nDescription-md5: {sum}";

    /// <inheritdoc/>
    public override int LengthOf(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\n\n"u8);
        return end > 0 ? end + 2 : throw Foreign();
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> record)
    {
        int end = record.IndexOf(s_text);
        ReadOnlySpan<byte> key = end > s_head.Length && record.StartsWith(s_head) ? record[s_head.Length..end] : default;
        return key.IndexOf(s_sum) > 0 ? key : throw Foreign();
    }

    /// <inheritdoc/>
    public override void Combine(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ArrayBufferWriter<byte> target) => target.Write(first);
}

/// <summary>Takes descriptions out of a Translation file.</summary>
/// <param name="gone">Keys of their stanzas.</param>
internal sealed class TranslationFilter(IReadOnlySet<string> gone) : RecordFilter
{
    /// <inheritdoc/>
    public override bool Touches(ReadOnlySpan<byte> record) => gone.Contains(Encoding.UTF8.GetString(TranslationStanzas.Instance.KeyOf(record)));

    /// <inheritdoc/>
    public override void Rewrite(ReadOnlySpan<byte> record, ArrayBufferWriter<byte> target)
    {
        // The stanza goes as a whole.
    }
}
