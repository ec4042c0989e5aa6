namespace Omnibus.Core.Vms;

/// <summary>Whose log.</summary>
public enum VmLogSource
{
    /// <summary>The guest's serial console.</summary>
    Console,

    /// <summary>QEMU itself.</summary>
    Qemu,
}
