namespace Omnibus.Core.Vms.Images;

/// <summary>A base image in the cache. It is never written to: machines put a copy-on-write disk over it.</summary>
/// <param name="Folder">Its folder in the cache.</param>
/// <param name="Disk">Its disk.</param>
/// <param name="Format">Format of the disk: <c>raw</c> or <c>qcow2</c>.</param>
/// <param name="Boot">How a machine starts from it.</param>
public sealed record BaseImage(string Folder, string Disk, string Format, BootMode Boot)
{
    /// <summary>Its kernel, when the machine's kernel is loaded directly.</summary>
    public string Kernel { get; init; } = Path.Combine(Folder, "vmlinuz");

    /// <summary>Its initial RAM disk.</summary>
    public string Initrd { get; init; } = Path.Combine(Folder, "initrd");
}
