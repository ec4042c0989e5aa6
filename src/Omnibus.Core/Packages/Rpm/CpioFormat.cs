using System.Globalization;
using System.Text;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>The layout of cpio members: what they look like in bytes, and how long they are.</summary>
internal static class CpioFormat
{
    /// <summary>Length of the fixed part: magic and thirteen fields of eight hexadecimal digits.</summary>
    public const int HeaderLength = 110;

    /// <summary>Length of rpm's stripped header: magic, index and two bytes of padding.</summary>
    public const int StrippedLength = 16;

    /// <summary>Name of the member that ends an archive.</summary>
    public const string TrailerName = "TRAILER!!!";

    public static ReadOnlySpan<byte> Magic => "070701"u8;

    public static ReadOnlySpan<byte> StrippedMagic => "07070X"u8;

    /// <summary>Bytes needed to bring a position to a multiple of four.</summary>
    public static int Padding(long position) => (int)(-position & 3);

    /// <summary>Length of a member's header with name and padding.</summary>
    public static int MeasureHeader(ReadOnlySpan<char> name)
    {
        int length = HeaderLength + Encoding.UTF8.GetByteCount(name) + 1;
        return length + Padding(length);
    }

    /// <summary>Writes a member's header; <paramref name="target"/> has the measured length.</summary>
    public static void WriteHeader(Span<byte> target, CpioEntry entry)
    {
        if (entry.Name is null)
        {
            StrippedMagic.CopyTo(target);
            WriteHex(target[6..], (uint)entry.Index);
            target[14..StrippedLength].Clear();
            return;
        }

        Magic.CopyTo(target);
        int nameLength = Encoding.UTF8.GetBytes(entry.Name, target[HeaderLength..]);
        target[(HeaderLength + nameLength)..].Clear();

        // Owner, device numbers and checksum stay 0: rpm takes them from the package's header.
        ReadOnlySpan<uint> fields =
        [
            entry.Inode, entry.Mode, 0, 0, entry.Links, entry.ModifiedTime, checked((uint)entry.Size), 0, 0, 0, 0, (uint)nameLength + 1, 0,
        ];
        for (int i = 0; i < fields.Length; i++)
        {
            WriteHex(target[(6 + (8 * i))..], fields[i]);
        }
    }

    /// <summary>The member that ends an archive.</summary>
    public static byte[] Trailer()
    {
        byte[] bytes = new byte[MeasureHeader(TrailerName)];
        WriteHeader(bytes, new CpioEntry { Name = TrailerName, Links = 1 });
        return bytes;
    }

    private static void WriteHex(Span<byte> target, uint value) => value.TryFormat(target[..8], out _, "x8", CultureInfo.InvariantCulture);
}
