using Omnibus.Core.Vms.Images;

namespace Omnibus.Core.Vms.Machines;

/// <summary>What a new machine should be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image that it lies over.</param>
public sealed record VmCreationRequest(string Name, BaseImage Image)
{
    /// <summary>Two processors where the host has them: under TCG each is a thread of its own, and a boot takes a third less.</summary>
    public static int DefaultCpus => Math.Min(2, Environment.ProcessorCount);

    /// <summary>For example <c>debian-12</c>; null for a foreign image.</summary>
    public string? Distribution { get; init; }

    /// <summary>Architecture in Debian's words.</summary>
    public string Architecture { get; init; } = Host.VmHostCheck.HostArchitecture;

    /// <summary>Memory in bytes.</summary>
    public long Memory { get; init; } = 512L << 20;

    /// <summary>Number of processors.</summary>
    public int Cpus { get; init; } = DefaultCpus;

    /// <summary>Size of its disk in bytes, or null for the image's own.</summary>
    public long? DiskSize { get; init; }

    /// <summary>Who commands run as.</summary>
    public string User { get; init; } = "root";

    /// <summary>Public keys beside the machine's own, as lines of an authorized_keys file.</summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init; } = [];

    /// <summary>Password of the user, or null for none: the key alone lets in.</summary>
    public string? Password { get; init; }

    /// <summary>Ports of the host that lead into the guest.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>Package proxy of the guest as HOST:PORT, or null.</summary>
    public string? Proxy { get; init; }

    /// <summary>The bridge it is attached to, or null for user networking.</summary>
    public string? Bridge { get; init; }

    /// <summary>Its fixed address on the bridge, or null.</summary>
    public string? Address { get; init; }
}
