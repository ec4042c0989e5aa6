namespace Omnibus.Core.Vms.Images;

/// <summary>A disk image that somebody else made.</summary>
/// <param name="Source">Absolute path, or an http or https address.</param>
public sealed record CloudImageRequest(string Source)
{
    /// <summary>Its SHA-256 as hexadecimal digits; needed for an address.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The architecture that it should be of, in Debian's words.</summary>
    public string Architecture { get; init; } = Host.VmHostCheck.HostArchitecture;

    /// <summary>A kernel to load directly, for a disk without a boot loader.</summary>
    public string? Kernel { get; init; }

    /// <summary>The initial RAM disk that goes with the kernel.</summary>
    public string? Initrd { get; init; }
}
