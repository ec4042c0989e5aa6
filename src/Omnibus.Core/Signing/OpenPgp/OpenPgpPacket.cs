using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>Packet types that matter here (RFC 9580 section 5).</summary>
internal enum PacketKind
{
    /// <summary>A signature.</summary>
    Signature = 2,

    /// <summary>A primary key with its secret.</summary>
    SecretKey = 5,

    /// <summary>A primary key.</summary>
    PublicKey = 6,

    /// <summary>A subkey with its secret.</summary>
    SecretSubkey = 7,

    /// <summary>A marker that readers skip.</summary>
    Marker = 10,

    /// <summary>What GnuPG notes in its own keyrings; never exported.</summary>
    Trust = 12,

    /// <summary>A name and address.</summary>
    UserId = 13,

    /// <summary>A subkey.</summary>
    PublicSubkey = 14,

    /// <summary>A picture.</summary>
    UserAttribute = 17,

    /// <summary>Padding that readers skip.</summary>
    Padding = 21,
}

/// <summary>One OpenPGP packet, still in the bytes that it came in.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Whole">Header and body.</param>
/// <param name="Body">The body.</param>
internal readonly record struct OpenPgpPacket(PacketKind Kind, ReadOnlyMemory<byte> Whole, ReadOnlyMemory<byte> Body)
{
    // A certificate's longest packet is a photo. A keyring with a longer one is no keyring for packages.
    private const int LongestBody = 1024 * 1024;

    /// <summary>Cuts bytes into packets (RFC 9580 section 4.2, both header forms).</summary>
    /// <exception cref="OmnibusException"><c>OpenPgpInvalid</c>: a length that passes the end, or no packet at all.</exception>
    public static List<OpenPgpPacket> Split(ReadOnlyMemory<byte> data, string item)
    {
        var packets = new List<OpenPgpPacket>();
        while (!data.IsEmpty)
        {
            (PacketKind kind, int header, long body) = ReadHeader(data.Span, item);
            if (body > LongestBody)
            {
                throw Invalid(item, $"has an OpenPGP packet of {body} bytes, more than a key or signature needs");
            }

            if (header + body > data.Length)
            {
                throw Invalid(item, "ends inside an OpenPGP packet");
            }

            int whole = header + (int)body;
            packets.Add(new OpenPgpPacket(kind, data[..whole], data[header..whole]));
            data = data[whole..];
        }

        return packets.Count > 0 ? packets : throw Invalid(item, "is empty");
    }

    /// <summary>An error about bytes that are no OpenPGP.</summary>
    public static OmnibusException Invalid(string item, string what, Exception? inner = null) =>
        new("OpenPgpInvalid", ErrorKind.InvalidData, $"{item} {what}.", item, "Export the key or signature again; the file may have been cut or changed on its way.", inner);

    /// <summary>A packet header in the old form, which every reader ever made understands.</summary>
    public static byte[] Frame(PacketKind kind, ReadOnlySpan<byte> body)
    {
        int lengthSize = body.Length < 256 ? 1 : body.Length < 65536 ? 2 : 4;
        var whole = new byte[1 + lengthSize + body.Length];
        whole[0] = (byte)(0x80 | ((int)kind << 2) | (lengthSize == 1 ? 0 : lengthSize == 2 ? 1 : 2));
        switch (lengthSize)
        {
            case 1:
                whole[1] = (byte)body.Length;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(1), (ushort)body.Length);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(1), (uint)body.Length);
                break;
        }

        body.CopyTo(whole.AsSpan(1 + lengthSize));
        return whole;
    }

    private static (PacketKind Kind, int Header, long Body) ReadHeader(ReadOnlySpan<byte> data, string item)
    {
        byte tag = data[0];
        if ((tag & 0x80) == 0)
        {
            throw Invalid(item, "is not OpenPGP data");
        }

        bool newForm = (tag & 0x40) != 0;
        var kind = (PacketKind)(newForm ? tag & 0x3F : (tag >> 2) & 0x0F);
        int size = newForm
            ? data.Length < 2 ? 0 : data[1] switch { < 192 => 1, < 224 => 2, 255 => 5, _ => -1 }
            : (tag & 3) switch { 0 => 1, 1 => 2, 2 => 4, _ => -1 };
        if (size < 0)
        {
            throw Invalid(item, "has a key or signature packet of unknown length");
        }

        if (size == 0 || data.Length < 1 + size)
        {
            throw Invalid(item, "ends inside an OpenPGP packet");
        }

        long body = (newForm, size) switch
        {
            (true, 2) => ((data[1] - 192) << 8) + data[2] + 192,
            (true, 5) => BinaryPrimitives.ReadUInt32BigEndian(data[2..]),
            (_, 1) => data[1],
            (_, 2) => BinaryPrimitives.ReadUInt16BigEndian(data[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(data[1..]),
        };
        return (kind, 1 + size, body);
    }
}
