using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Images;

/// <summary>Looks at the first bytes of a disk image: its format, and whether it reaches outside itself.</summary>
/// <remarks>qcow2: QEMU's docs/interop/qcow2.txt. GPT: UEFI specification 5.3; partition types of the Discoverable Partitions Specification.</remarks>
internal static class DiskImageHeader
{
    private const uint QcowMagic = 0x514649fb;
    private const ulong ExternalDataFile = 1 << 2;
    private static readonly Guid s_rootAmd64 = Guid.Parse("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709");
    private static readonly Guid s_rootArm64 = Guid.Parse("B921B045-1DF0-41C3-AF44-4C6F280D3FAE");
    private static readonly Guid s_biosBoot = Guid.Parse("21686148-6449-6E6F-744E-656564454649");

    /// <summary>Recognises qcow2; everything else is a raw disk.</summary>
    /// <exception cref="OmnibusException"><c>ImageUnsafe</c>: a qcow2 that names another file could make QEMU read any file of the host.</exception>
    public static string ReadFormat(string path)
    {
        Span<byte> header = stackalloc byte[104];
        using FileStream stream = File.OpenRead(path);
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < 8 || BinaryPrimitives.ReadUInt32BigEndian(header) != QcowMagic)
        {
            return "raw";
        }

        uint version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (read < 72 || version is not (2 or 3))
        {
            throw new OmnibusException("ImageInvalid", ErrorKind.InvalidData, $"'{path}' is a qcow image of a version that is not read here.", path);
        }

        bool backing = BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != 0;
        bool external = version == 3 && read >= 80 && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalDataFile) != 0;
        return backing || external
            ? throw new OmnibusException("ImageUnsafe", ErrorKind.Security, $"'{path}' is not whole: it names another file that it lies over.", path, "Make it whole with qemu-img convert where it came from.")
            : "qcow2";
    }

    /// <summary>The architecture that a partition table tells of, or null.</summary>
    /// <param name="start">The disk's first bytes, 33 sectors or more.</param>
    public static string? ReadArchitecture(ReadOnlySpan<byte> start)
    {
        if (start.Length < 1024 || !start.Slice(512, 8).SequenceEqual("EFI PART"u8))
        {
            return null;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(start[(512 + 72)..]);
        uint count = Math.Min(128, BinaryPrimitives.ReadUInt32LittleEndian(start[(512 + 80)..]));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(start[(512 + 84)..]);
        if (first > 1024 || size is < 128 or > 4096)
        {
            return null;
        }

        for (uint i = 0; i < count; i++)
        {
            long at = ((long)first * 512) + (i * size);
            if (at + 16 > start.Length)
            {
                break;
            }

            var type = new Guid(start.Slice((int)at, 16));
            if (type == s_rootArm64)
            {
                return "arm64";
            }

            if (type == s_rootAmd64 || type == s_biosBoot)
            {
                return "amd64";
            }
        }

        return null;
    }
}
