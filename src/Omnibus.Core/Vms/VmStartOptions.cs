namespace Omnibus.Core.Vms;

/// <summary>How a machine is started.</summary>
public sealed record VmStartOptions
{
    /// <summary>What executes the guest.</summary>
    public Accelerator Accelerator { get; init; }

    /// <summary>Waits until the guest answers by SSH.</summary>
    public bool Wait { get; init; }

    /// <summary>How long the guest may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Shows the guest's screen in a window.</summary>
    public bool Graphics { get; init; }

    /// <summary>Further arguments for QEMU, as they are.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Forwards for this run, beside the machine's own.</summary>
    public IReadOnlyList<PortForward> PortForwards { get; init; } = [];

    /// <summary>Port on the host for SSH, or 0 for a free one.</summary>
    public int SshPort { get; init; }

    /// <summary>A checkpoint with live state to go on from, instead of booting.</summary>
    public string? Checkpoint { get; init; }
}
