using System.Buffers.Binary;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Images;

/// <summary>Writes a small ISO 9660 image with files in its root: what cloud-init reads as a seed. Rock Ridge gives them their real names.</summary>
/// <remarks>Format: ECMA-119 (volume descriptors in sections 8.4 and 8.3, directory records in 9.1, path tables in 9.4); IEEE P1282 (SP, RR, NM entries).</remarks>
internal static class Iso9660Writer
{
    private const int Sector = 2048;
    private const int FirstData = 21;
    private const long FileLimit = 16 * 1024 * 1024;

    /// <summary>Writes the image.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="label">Volume label, up to 32 characters; <c>cidata</c> for cloud-init.</param>
    /// <param name="files">Names and contents.</param>
    public static void Write(Stream target, string label, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        (string Name, byte[] Content)[] sorted = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)];
        if (label.Length > 32 || sorted.Length > 16 || sorted.Any(file => file.Content.Length > FileLimit || file.Name.Length is 0 or > 64 || file.Name.Any(c => c is <= ' ' or > '~' or '/')))
        {
            throw new OmnibusException("SeedInvalid", ErrorKind.InvalidArgument, "The files do not fit into a seed image.", label);
        }

        int next = FirstData;
        var extents = new List<(string Name, byte[] Content, int Extent)>();
        foreach ((string name, byte[] content) in sorted)
        {
            extents.Add((name, content, next));
            next += Math.Max(1, (content.Length + Sector - 1) / Sector);
        }

        byte[] image = new byte[next * Sector];
        WritePrimary(image.AsSpan(16 * Sector, Sector), label, next);
        image[17 * Sector] = 255;
        Encoding.ASCII.GetBytes("CD001").CopyTo(image, (17 * Sector) + 1);
        image[(17 * Sector) + 6] = 1;
        WritePathTable(image.AsSpan(18 * Sector, Sector), bigEndian: false);
        WritePathTable(image.AsSpan(19 * Sector, Sector), bigEndian: true);
        WriteRoot(image.AsSpan(20 * Sector, Sector), extents);
        foreach ((_, byte[] content, int extent) in extents)
        {
            content.CopyTo(image, extent * Sector);
        }

        target.Write(image);
    }

    private static void WritePrimary(Span<byte> sector, string label, int sectors)
    {
        sector.Fill(0);
        sector[0] = 1;
        Encoding.ASCII.GetBytes("CD001", sector[1..]);
        sector[6] = 1;
        Text(sector.Slice(8, 32), "LINUX");
        Text(sector.Slice(40, 32), label);
        Both(sector.Slice(80, 8), sectors);
        Both16(sector.Slice(120, 4), 1);
        Both16(sector.Slice(124, 4), 1);
        Both16(sector.Slice(128, 4), Sector);
        Both(sector.Slice(132, 8), 10);
        BinaryPrimitives.WriteInt32LittleEndian(sector[140..], 18);
        BinaryPrimitives.WriteInt32BigEndian(sector[148..], 19);
        Record(sector.Slice(156, 34), 20, Sector, isFolder: true, [0], []);
        foreach ((int start, int length) in new[] { (190, 128), (318, 128), (446, 128), (574, 128), (702, 37), (739, 37), (776, 37) })
        {
            Text(sector.Slice(start, length), string.Empty);
        }

        foreach (int start in new[] { 813, 830, 847, 864 })
        {
            // 16 digits, then the offset from Greenwich: all zero digits mean "not given".
            sector.Slice(start, 16).Fill((byte)'0');
        }

        sector[881] = 1;
    }

    private static void WritePathTable(Span<byte> sector, bool bigEndian)
    {
        sector[0] = 1;
        if (bigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(sector[2..], 20);
            BinaryPrimitives.WriteInt16BigEndian(sector[6..], 1);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(sector[2..], 20);
            BinaryPrimitives.WriteInt16LittleEndian(sector[6..], 1);
        }
    }

    private static void WriteRoot(Span<byte> sector, IReadOnlyList<(string Name, byte[] Content, int Extent)> files)
    {
        // "SP" in the root's own record switches Rock Ridge on.
        int at = Record(sector, 20, Sector, isFolder: true, [0], [(byte)'S', (byte)'P', 7, 1, 0xbe, 0xef, 0]);
        at += Record(sector[at..], 20, Sector, isFolder: true, [1], []);
        for (int i = 0; i < files.Count; i++)
        {
            byte[] name = [(byte)'N', (byte)'M', (byte)(5 + files[i].Name.Length), 1, 0, .. Encoding.ASCII.GetBytes(files[i].Name)];
            at += Record(sector[at..], files[i].Extent, files[i].Content.Length, isFolder: false, Encoding.ASCII.GetBytes($"FILE{i:x2}.;1".ToUpperInvariant()), name);
        }
    }

    private static int Record(Span<byte> target, int extent, int length, bool isFolder, ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> systemUse)
    {
        int nameEnd = 33 + identifier.Length;
        nameEnd += nameEnd & 1;
        int size = nameEnd + systemUse.Length;
        size += size & 1;
        target[..size].Fill(0);
        target[0] = (byte)size;
        Both(target.Slice(2, 8), extent);
        Both(target.Slice(10, 8), length);
        // Years since 1900, month, day: 1970-01-01, so that equal seeds are equal bytes.
        target[18] = 70;
        target[19] = 1;
        target[20] = 1;
        target[25] = (byte)(isFolder ? 2 : 0);
        Both16(target.Slice(28, 4), 1);
        target[32] = (byte)identifier.Length;
        identifier.CopyTo(target[33..]);
        systemUse.CopyTo(target[nameEnd..]);
        return size;
    }

    private static void Text(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, field);
    }

    private static void Both(Span<byte> field, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(field, value);
        BinaryPrimitives.WriteInt32BigEndian(field[4..], value);
    }

    private static void Both16(Span<byte> field, short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(field, value);
        BinaryPrimitives.WriteInt16BigEndian(field[2..], value);
    }
}
