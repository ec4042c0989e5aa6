namespace Omnibus.Core.Vms;

/// <summary>How QEMU executes the guest.</summary>
public enum Accelerator
{
    /// <summary>KVM where it really runs a guest, otherwise TCG.</summary>
    Auto,

    /// <summary>The processor's virtualisation through /dev/kvm.</summary>
    Kvm,

    /// <summary>QEMU's own translator: works everywhere, several times slower.</summary>
    Tcg,
}
