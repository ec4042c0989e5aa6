namespace Omnibus.Core.Vms;

/// <summary>How a machine's kernel is started.</summary>
public enum BootMode
{
    /// <summary>QEMU loads the image's own kernel and initial RAM disk; the disk is one file system.</summary>
    DirectKernel,

    /// <summary>The firmware starts the disk's own boot loader, and cloud-init reads a seed (cloud images).</summary>
    Firmware,

    /// <summary>The firmware starts the boot loader of a disk that was made here; its guest asks QEMU what it is.</summary>
    BootLoader,
}
