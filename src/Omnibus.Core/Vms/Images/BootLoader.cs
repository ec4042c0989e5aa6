using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Vms.Images;

/// <summary>Makes a disk image boot by itself under a PC's firmware: GRUB in front of its one partition, written without root and without loop mounts.</summary>
/// <remarks>
/// What grub-bios-setup(8) does for a disk: GRUB's boot.img in the first sector, beside the partition table; its core.img from the second sector on,
/// in the gap before the partition. Offsets from GRUB's include/grub/i386/pc/boot.h and grub-core/boot/i386/pc/diskboot.S.
/// </remarks>
internal static class BootLoader
{
    /// <summary>Where the partition with the root file system begins, in bytes.</summary>
    public const long PartitionOffset = 1024 * 1024;

    private const int Sector = 512;
    private const int TableOffset = 446;
    private const int KernelSectorOffset = 0x5c;
    private const int BlockListOffset = 0x1f4;
    private const string Modules = "/usr/lib/grub/i386-pc";

    /// <summary>Writes the partition table and GRUB into a disk image whose file system begins at <see cref="PartitionOffset"/>.</summary>
    /// <param name="disk">The image.</param>
    /// <param name="scratch">Folder for GRUB's core image on the way.</param>
    /// <param name="progress">Told the command line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c>, <c>BootLoaderInvalid</c>.</exception>
    public static async Task InstallAsync(string disk, string scratch, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string first = Path.Combine(Modules, "boot.img");
        string? program = ProgramRunner.Find("grub-mkimage") ?? ProgramRunner.Find("grub2-mkimage");
        if (program is null || !File.Exists(first))
        {
            throw new OmnibusException("ProgramMissing", ErrorKind.MissingDependency, "GRUB for PCs is not installed.", "grub-mkimage", "Install grub-pc-bin (Debian) or grub2-tools-extra and grub2-pc-modules (Fedora).");
        }

        string core = Path.Combine(scratch, "core.img");
        await ProgramRunner.RunAsync(
            new ProgramCommand(program, ["-O", "i386-pc", "-d", Modules, "-p", "(hd0,msdos1)/boot/grub", "-o", core, "biosdisk", "part_msdos", "ext2", "normal", "linux", "serial", "terminal"]),
            progress,
            cancellationToken).ConfigureAwait(false);
        byte[] head = Compose(await File.ReadAllBytesAsync(first, cancellationToken).ConfigureAwait(false), await File.ReadAllBytesAsync(core, cancellationToken).ConfigureAwait(false), new FileInfo(disk).Length);
        using FileStream stream = new(disk, FileMode.Open, FileAccess.Write);
        await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
        File.Delete(core);
    }

    /// <summary>The bytes in front of the partition.</summary>
    /// <exception cref="OmnibusException"><c>BootLoaderInvalid</c>.</exception>
    internal static byte[] Compose(byte[] first, byte[] core, long diskLength)
    {
        if (first.Length != Sector || core.Length < Sector || Sector + core.Length > PartitionOffset || diskLength <= PartitionOffset)
        {
            throw new OmnibusException("BootLoaderInvalid", ErrorKind.InvalidData, $"GRUB's images do not fit before a partition: {first.Length} and {core.Length} bytes.", Modules);
        }

        byte[] head = new byte[Sector + core.Length];
        first.AsSpan(0, TableOffset).CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(KernelSectorOffset), 1);
        Span<byte> entry = head.AsSpan(TableOffset, 16);
        entry.Clear();

        // Active, Linux; cylinders, heads and sectors are those of a disk too large for them.
        entry[0] = 0x80;
        entry[4] = 0x83;
        foreach (int at in new[] { 1, 5 })
        {
            entry[at] = 0xfe;
            entry[at + 1] = 0xff;
            entry[at + 2] = 0xff;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)(PartitionOffset / Sector));
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(uint.MaxValue, (diskLength - PartitionOffset) / Sector));
        head[510] = 0x55;
        head[511] = 0xaa;
        core.CopyTo(head, Sector);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(Sector + BlockListOffset), 2);
        return head;
    }
}
