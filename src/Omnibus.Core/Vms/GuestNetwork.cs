namespace Omnibus.Core.Vms;

/// <summary>Addresses of QEMU's user networking as the guest sees them (qemu(1), -netdev user).</summary>
internal static class GuestNetwork
{
    /// <summary>The host: services on its loopback answer here.</summary>
    public const string HostAddress = "10.0.2.2";

    /// <summary>The name server, which passes questions on to the host's own.</summary>
    public const string NameServer = "10.0.2.3";
}
