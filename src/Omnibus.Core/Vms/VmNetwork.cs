namespace Omnibus.Core.Vms;

/// <summary>How a machine is connected.</summary>
public enum VmNetwork
{
    /// <summary>Through QEMU's own network stack: no root, and the guest is reached through forwarded ports.</summary>
    User,

    /// <summary>Through a bridge of our own with NAT and DHCP: root only, and the guest has an address.</summary>
    Tap,
}
