namespace Omnibus.Core.Vms;

/// <summary>What a machine does at the moment.</summary>
public enum VmState
{
    /// <summary>No QEMU runs for it. A machine whose QEMU crashed is stopped too, and says so in its last error.</summary>
    Stopped,

    /// <summary>The guest runs.</summary>
    Running,

    /// <summary>QEMU runs, the guest is halted: paused by somebody, or by a full disk.</summary>
    Paused,
}
