using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>ASCII armor (RFC 9580 section 6.2): base64 between BEGIN and END lines, with a CRC-24 that older readers want.</summary>
internal static class Armor
{
    private const int LineLength = 64;

    /// <summary>Whether the bytes start like armor rather than like binary packets, whose first byte has its high bit set.</summary>
    public static bool IsArmored(ReadOnlySpan<byte> data) => data.Length > 0 && (data[0] & 0x80) == 0;

    /// <summary>Wraps packets.</summary>
    /// <param name="packets">Binary packets.</param>
    /// <param name="kind">The words of the BEGIN line after <c>PGP</c>, for example <c>SIGNATURE</c>.</param>
    public static byte[] Encode(ReadOnlySpan<byte> packets, string kind)
    {
        var text = new StringBuilder(64 + (packets.Length * 3 / 2));
        text.Append("-----BEGIN PGP ").Append(kind).Append("-----\n\n");
        string encoded = Convert.ToBase64String(packets);
        for (int i = 0; i < encoded.Length; i += LineLength)
        {
            text.Append(encoded, i, Math.Min(LineLength, encoded.Length - i)).Append('\n');
        }

        int crc = Crc24(packets);
        text.Append('=').Append(Convert.ToBase64String([(byte)(crc >> 16), (byte)(crc >> 8), (byte)crc])).Append('\n');
        text.Append("-----END PGP ").Append(kind).Append("-----\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Unwraps every block of a text, one after the other, and joins their packets.</summary>
    /// <param name="data">The text. What stands before, between and after the blocks is ignored, as gpg does.</param>
    /// <param name="item">Named in errors.</param>
    /// <exception cref="OmnibusException"><c>ArmorInvalid</c>: no block, a broken one, or one without end.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> data, string item)
    {
        using var packets = new MemoryStream();
        int blocks = 0;
        while (true)
        {
            string? kind = FindBegin(ref data);
            if (kind is null)
            {
                break;
            }

            packets.Write(ReadBlock(ref data, kind, item));
            blocks++;
        }

        return blocks > 0 ? packets.ToArray() : throw Invalid(item, "holds no OpenPGP block");
    }

    /// <summary>Takes the next line, without its line end.</summary>
    /// <returns>False at the end of the text.</returns>
    public static bool TakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        if (rest.IsEmpty)
        {
            line = default;
            return false;
        }

        int end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        if (line.EndsWith("\r"u8))
        {
            line = line[..^1];
        }

        return true;
    }

    private static string? FindBegin(ref ReadOnlySpan<byte> rest)
    {
        while (TakeLine(ref rest, out ReadOnlySpan<byte> line))
        {
            line = line.TrimEnd(" \t"u8);
            if (line.StartsWith("-----BEGIN PGP "u8) && line.EndsWith("-----"u8) && line.Length is > 20 and < 80)
            {
                return Encoding.ASCII.GetString(line[15..^5]);
            }
        }

        return null;
    }

    private static byte[] ReadBlock(ref ReadOnlySpan<byte> rest, string kind, string item)
    {
        // Header lines such as "Version: ..." end with an empty line.
        while (true)
        {
            if (!TakeLine(ref rest, out ReadOnlySpan<byte> line))
            {
                throw Invalid(item, "ends inside an OpenPGP block");
            }

            if (line.TrimEnd(" \t"u8).IsEmpty)
            {
                break;
            }

            if (line.IndexOf((byte)':') < 0)
            {
                throw Invalid(item, "has an OpenPGP block without an empty line after its header");
            }
        }

        var base64 = new StringBuilder();
        int? crc = null;
        while (TakeLine(ref rest, out ReadOnlySpan<byte> line))
        {
            line = line.Trim(" \t"u8);
            if (line.StartsWith("-----END PGP "u8))
            {
                if (!line.EndsWith("-----"u8) || Encoding.ASCII.GetString(line[13..^5]) != kind)
                {
                    throw Invalid(item, "has an OpenPGP block whose END line does not match its BEGIN line");
                }

                byte[] packets = FromBase64(base64.ToString(), item);
                return crc is null || crc == Crc24(packets) ? packets : throw Invalid(item, "has an OpenPGP block whose checksum is wrong");
            }

            if (line.StartsWith("="u8) && line.Length == 5)
            {
                byte[] sum = FromBase64(Encoding.ASCII.GetString(line[1..]), item);
                crc = sum.Length == 3 ? (sum[0] << 16) | (sum[1] << 8) | sum[2] : throw Invalid(item, "has an OpenPGP block with a broken checksum");
                continue;
            }

            base64.Append(Encoding.ASCII.GetString(line));
        }

        throw Invalid(item, "ends inside an OpenPGP block");
    }

    private static byte[] FromBase64(string text, string item)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw Invalid(item, "has an OpenPGP block that is not base64", e);
        }
    }

    private static int Crc24(ReadOnlySpan<byte> data)
    {
        int crc = 0xB704CE;
        foreach (byte value in data)
        {
            crc ^= value << 16;
            for (int bit = 0; bit < 8; bit++)
            {
                crc <<= 1;
                if ((crc & 0x1000000) != 0)
                {
                    crc ^= 0x1864CFB;
                }
            }
        }

        return crc & 0xFFFFFF;
    }

    private static OmnibusException Invalid(string item, string what, Exception? inner = null) =>
        new("ArmorInvalid", ErrorKind.InvalidData, $"{item} {what}.", item, "Export the key or signature again; the file may have been cut or changed on its way.", inner);
}
