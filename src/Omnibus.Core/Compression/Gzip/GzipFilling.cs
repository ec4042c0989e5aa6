using System.Buffers.Binary;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>Members without data whose extra field is of any length (RFC 1952, sections 2.2, 2.3.1 and 2.3.1.1).</summary>
internal static class GzipFilling
{
    // Magic, deflate, FEXTRA; no time, no flags, unknown system.
    private static readonly byte[] Header = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255];

    // An empty last block with fixed codes (RFC 1951, section 3.2.6); CRC-32 and length of nothing.
    private static readonly byte[] End = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly int ExtraAt = Header.Length + sizeof(ushort);
    private static readonly int Shortest = ExtraAt + SubfieldHeader + End.Length;
    private static readonly int Longest = ExtraAt + ushort.MaxValue + End.Length;

    private const int SubfieldHeader = 4;

    /// <summary>Makes one or several, together of exactly this length.</summary>
    /// <returns>Null when it is too short for one.</returns>
    public static byte[]? Create(int length)
    {
        if (length < Shortest)
        {
            return null;
        }

        byte[] members = new byte[length];
        Span<byte> rest = members;
        while (!rest.IsEmpty)
        {
            // What is left must be long enough for a member of its own.
            int member = rest.Length <= Longest ? rest.Length : Math.Min(Longest, rest.Length - Shortest);
            Write(rest[..member]);
            rest = rest[member..];
        }

        return members;
    }

    private static void Write(Span<byte> member)
    {
        Header.CopyTo(member);
        int extra = member.Length - ExtraAt - End.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(member[Header.Length..], (ushort)extra);
        "OM"u8.CopyTo(member[ExtraAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(member[(ExtraAt + 2)..], (ushort)(extra - SubfieldHeader));
        End.CopyTo(member[(member.Length - End.Length)..]);
    }
}
