namespace Omnibus.Core.Vms;

/// <summary>A machine as it is seen at one moment.</summary>
public sealed record BuildVm
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required VmState State { get; init; }

    /// <summary>More about the state: why it is paused, or null.</summary>
    public string? StateDetail { get; init; }

    /// <summary>For example <c>debian-12</c>; null for a foreign image.</summary>
    public string? Distribution { get; init; }

    /// <summary>Architecture in Debian's words.</summary>
    public required string Architecture { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Number of processors.</summary>
    public int Cpu { get; init; }

    /// <summary>What executes the guest, or null when it does not run.</summary>
    public Accelerator? Accelerator { get; init; }

    /// <summary>Why TCG was taken where KVM was hoped for, or null.</summary>
    public string? AcceleratorReason { get; init; }

    /// <summary>Addresses at which the host reaches the guest.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Port for SSH at the first address, or null when it does not run.</summary>
    public int? SshPort { get; init; }

    /// <summary>Who logs in.</summary>
    public required string User { get; init; }

    /// <summary>Ports of the host that lead into the guest.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>How long it has run, or null.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Its disk, then what that lies over.</summary>
    public IReadOnlyList<string> DiskChain { get; init; } = [];

    /// <summary>Bytes that its own disk takes on the host.</summary>
    public long DiskUsage { get; init; }

    /// <summary>Its checkpoints, oldest first.</summary>
    public IReadOnlyList<VmCheckpoint> Checkpoints { get; init; } = [];

    /// <summary>Why it stopped against anybody's will, with the last lines of its console, or null.</summary>
    public string? LastError { get; init; }

    /// <summary>The folder with its files.</summary>
    public required string Path { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
