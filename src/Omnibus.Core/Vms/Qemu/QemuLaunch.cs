using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Qemu;

/// <summary>All that the command line of one run of a machine is made from.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Files">Its files.</param>
/// <param name="Accelerator">KVM or TCG; never Auto.</param>
/// <param name="SshPort">Free port on the host's loopback for SSH.</param>
internal sealed record QemuLaunch(VmDefinition Machine, VmFiles Files, Accelerator Accelerator, int SshPort)
{
    /// <summary>What the caller asked for.</summary>
    public VmStartOptions Options { get; init; } = new();

    /// <summary>QEMU's versioned machine type, or null for the newest.</summary>
    public string? MachineType { get; init; }

    /// <summary>The tap device when the machine is attached to a bridge.</summary>
    public string? TapDevice { get; init; }

    /// <summary>The guest's public keys and other facts, for the kernel's command line.</summary>
    public IReadOnlyDictionary<string, string> GuestFacts { get; init; } = new Dictionary<string, string>();
}
