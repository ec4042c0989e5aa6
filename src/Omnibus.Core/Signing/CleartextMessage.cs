using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>
/// The cleartext signature framework (RFC 9580 section 7): text that people can read with its signatures below, as InRelease is.
/// Lines that begin with a dash are escaped (and those with "From ", for mail's sake, as gpg does); white space at line ends stays in the text but is not signed.
/// </summary>
internal static class CleartextMessage
{
    /// <summary>A text may be this long. The InRelease of a whole Debian archive is 150 KiB.</summary>
    public const int LongestText = 64 * 1024 * 1024;

    private const string TextBegin = "-----BEGIN PGP SIGNED MESSAGE-----";

    /// <summary>Takes the signed form of the text.</summary>
    public delegate void Sink(ReadOnlySpan<byte> data);

    /// <summary>Feeds the text in the form that is signed: without white space at line ends, lines joined by CR LF, no line end at the end.</summary>
    public static void Canonicalize(ReadOnlySpan<byte> text, Sink sink)
    {
        bool first = true;
        while (Armor.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!first)
            {
                sink("\r\n"u8);
            }

            first = false;
            sink(line.TrimEnd(" \t\r"u8));
        }
    }

    /// <summary>Puts text and signature packets together, byte for byte as gpg frames them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="hashes">Names of the hashes in use, for readers that hash before they see the signatures.</param>
    /// <param name="signatures">Binary signature packets, one or more.</param>
    public static byte[] Build(ReadOnlySpan<byte> text, IReadOnlyCollection<string> hashes, ReadOnlySpan<byte> signatures)
    {
        using var message = new MemoryStream(text.Length + 2048);
        message.Write(Encoding.ASCII.GetBytes($"{TextBegin}\nHash: {string.Join(", ", hashes.Distinct(StringComparer.Ordinal))}\n\n"));
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line.StartsWith("-"u8) || line.StartsWith("From "u8))
            {
                message.Write("- "u8);
            }

            message.Write(line);
            message.WriteByte((byte)'\n');
        }

        message.Write(Armor.Encode(signatures, "SIGNATURE"));
        return message.ToArray();
    }

    /// <summary>Takes a message apart.</summary>
    /// <returns>The text as it is signed: without escapes and without white space at line ends, each line ended by LF; and the binary signature packets.</returns>
    /// <exception cref="OmnibusException"><c>CleartextInvalid</c>: text before or after the signed part, a broken frame, an unknown header, too long.</exception>
    public static (byte[] Text, byte[] Signatures) Parse(ReadOnlySpan<byte> message, string item)
    {
        if (message.Length > LongestText)
        {
            throw Invalid(item, $"is longer than the {LongestText >> 20} MiB that a signed text may have");
        }

        // Anything outside the signature is refused: a reader might take it for signed.
        if (!Armor.TakeLine(ref message, out ReadOnlySpan<byte> line) || !line.TrimEnd(" \t"u8).SequenceEqual("-----BEGIN PGP SIGNED MESSAGE-----"u8))
        {
            throw Invalid(item, "does not begin with a signed text");
        }

        while (true)
        {
            if (!Armor.TakeLine(ref message, out line))
            {
                throw Invalid(item, "ends before its text");
            }

            if (line.TrimEnd(" \t"u8).IsEmpty)
            {
                break;
            }

            if (!line.StartsWith("Hash:"u8))
            {
                throw Invalid(item, "has a header other than Hash before its text");
            }
        }

        using var text = new MemoryStream(message.Length);
        ReadOnlySpan<byte> rest = message;
        while (Armor.TakeLine(ref message, out line))
        {
            if (line.StartsWith("-----BEGIN PGP SIGNATURE"u8))
            {
                RequireOneBlock(rest, item);
                return (text.ToArray(), Armor.Decode(rest, item));
            }

            rest = message;
            if (line.StartsWith("-"u8) && !line.StartsWith("- "u8))
            {
                throw Invalid(item, "has an unescaped dash at the beginning of a line");
            }

            text.Write((line.StartsWith("- "u8) ? line[2..] : line).TrimEnd(" \t\r"u8));
            text.WriteByte((byte)'\n');
        }

        throw Invalid(item, "has no signature");
    }

    private static void RequireOneBlock(ReadOnlySpan<byte> rest, string item)
    {
        bool ended = false;
        while (Armor.TakeLine(ref rest, out ReadOnlySpan<byte> line))
        {
            line = line.Trim(" \t"u8);
            if (ended && !line.IsEmpty)
            {
                throw Invalid(item, "has text after its signature");
            }

            ended |= line.SequenceEqual("-----END PGP SIGNATURE-----"u8);
        }
    }

    private static OmnibusException Invalid(string item, string what) => new("CleartextInvalid", ErrorKind.InvalidData, $"{item} {what}.", item);
}
