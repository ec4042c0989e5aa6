using Omnibus.Core.Processes;

namespace Omnibus.Core.Vms;

/// <summary>What a machine is: kept as its one JSON file.</summary>
public sealed record VmDefinition
{
    /// <summary>Version of this file's layout.</summary>
    public int Layout { get; init; } = 1;

    /// <summary>The machine's name, its host name too.</summary>
    public required string Name { get; init; }

    /// <summary>Unique id: the guest's product UUID, and what tells the guest that it is a new machine.</summary>
    public required Guid Id { get; init; }

    /// <summary>For example <c>debian-12</c>; null for a foreign image.</summary>
    public string? Distribution { get; init; }

    /// <summary>Architecture in Debian's words: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>How its kernel is started.</summary>
    public BootMode Boot { get; init; }

    /// <summary>Memory in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Number of processors.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Who commands run as when nobody else is named.</summary>
    public string User { get; init; } = "root";

    /// <summary>Public keys beside the machine's own that may log in.</summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init; } = [];

    /// <summary>Hash of the user's password (crypt format), or null: no password.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>MAC address of its network card.</summary>
    public required string MacAddress { get; init; }

    /// <summary>Further ports that lead into the guest.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>Package proxy of the guest as HOST:PORT, or null.</summary>
    public string? Proxy { get; init; }

    /// <summary>The bridge it is attached to, or null for user networking.</summary>
    public string? Bridge { get; init; }

    /// <summary>Its fixed address on the bridge, or null.</summary>
    public string? Address { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Its checkpoints, oldest first.</summary>
    public IReadOnlyList<VmCheckpoint> Checkpoints { get; init; } = [];

    /// <summary>The QEMU that runs it, or null when it was stopped on purpose.</summary>
    public VmRun? Run { get; init; }

    /// <summary>Why it last stopped against anybody's will, or null.</summary>
    public string? LastError { get; init; }
}

/// <summary>A saved state of a machine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was taken.</param>
/// <param name="Live">Whether it holds the running guest (memory and processors) or the disk alone.</param>
public sealed record VmCheckpoint(string Name, DateTimeOffset Created, bool Live)
{
    /// <summary>The accelerator that a live state was taken under: it can only be restored under the same.</summary>
    public Accelerator Accelerator { get; init; }

    /// <summary>QEMU's versioned machine type, for a live state to be read back by a newer QEMU.</summary>
    public string? MachineType { get; init; }

    /// <summary>Memory of the live state in MiB.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>Processors of the live state.</summary>
    public int Cpus { get; init; }
}

/// <summary>A QEMU process that runs a machine.</summary>
/// <param name="Process">The process.</param>
/// <param name="Started">When the machine was started.</param>
/// <param name="Accelerator">What it executes the guest with.</param>
/// <param name="SshPort">Port on the host's loopback that leads to the guest's SSH; 22 with a bridge.</param>
/// <param name="MachineType">QEMU's versioned machine type.</param>
public sealed record VmRun(RunningProcess Process, DateTimeOffset Started, Accelerator Accelerator, int SshPort, string MachineType)
{
    /// <summary>Why TCG was taken where KVM was hoped for, or null.</summary>
    public string? AcceleratorReason { get; init; }

    /// <summary>Forwards that were asked for at this start.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>Arguments for QEMU that were given at this start.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Whether its screen is shown.</summary>
    public bool Graphics { get; init; }
}
