namespace Omnibus.Core.Vms;

/// <summary>How a machine's kernel is started.</summary>
public enum BootMode
{
    /// <summary>QEMU loads the image's own kernel and initial RAM disk; the disk is one file system.</summary>
    DirectKernel,

    /// <summary>The firmware starts the disk's own boot loader (cloud images, bootable disks).</summary>
    Firmware,
}
