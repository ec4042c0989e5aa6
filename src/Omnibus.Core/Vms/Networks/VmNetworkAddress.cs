using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Networks;

/// <summary>Addresses of machines on the bridge.</summary>
public static class VmNetworkAddress
{
    /// <summary>The bridge that the machines of an address's network share.</summary>
    public static string BridgeOf(string address) => TapNetwork.BridgeFor(address);

    /// <summary>Takes the address that was asked for, or the first that no machine has.</summary>
    /// <exception cref="OmnibusException"><c>VmAddressInvalid</c>, <c>VmAddressTaken</c>.</exception>
    public static string Choose(VmDirectory machines, string? wanted)
    {
        HashSet<string> taken = [.. machines.Names().Select(name => machines.Load(name).Address).OfType<string>()];
        if (wanted is not null)
        {
            string address = TapNetwork.ParseAddress(wanted);
            return taken.Contains(address)
                ? throw new OmnibusException("VmAddressTaken", ErrorKind.Conflict, $"Another machine has the address {address}.", address, "Choose another one, or leave -Address out.")
                : address;
        }

        for (int last = 10; last <= 253; last++)
        {
            string address = TapNetwork.ParseAddress(last.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!taken.Contains(address))
            {
                return address;
            }
        }

        throw new OmnibusException("VmAddressTaken", ErrorKind.Conflict, "All addresses of the bridge's network are taken.", TapNetwork.DefaultBridge, "Remove machines, or give an address of another network with -Address.");
    }
}
