using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Networks;

/// <summary>A bridge of our own with NAT and DHCP for machines, for those with root. Made when the first machine needs it, taken away with the last.</summary>
internal static class TapNetwork
{
    /// <summary>The bridge that machines share unless another is named.</summary>
    public const string DefaultBridge = "omnibr0";

    private const string Network = "192.168.100";
    private const string Forwarding = "/proc/sys/net/ipv4/ip_forward";

    private static readonly TimeSpan s_lockLimit = TimeSpan.FromMinutes(1);

    /// <summary>The bridge of the network that an address belongs to: a name of at most 15 characters (IFNAMSIZ).</summary>
    public static string BridgeFor(string address)
    {
        byte[] bytes = IPAddress.Parse(address).GetAddressBytes();
        return address.StartsWith(Network + ".", StringComparison.Ordinal) ? DefaultBridge : "omnibr" + Convert.ToHexStringLower(bytes, 0, 3);
    }

    /// <summary>The gateway, which is the host.</summary>
    public static string GatewayOf(string? address) => (address is null ? Network : address[..address.LastIndexOf('.')]) + ".254";

    /// <summary>Reads a full address or its last number on our network; 0, 1, 254 and 255 have other uses.</summary>
    /// <exception cref="OmnibusException"><c>VmAddressInvalid</c>.</exception>
    public static string ParseAddress(string text)
    {
        string full = text.Contains('.', StringComparison.Ordinal) ? text : $"{Network}.{text}";
        if (!IPAddress.TryParse(full, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetwork || address.ToString() != full || address.GetAddressBytes()[3] is 0 or 1 or 254 or 255)
        {
            throw new OmnibusException("VmAddressInvalid", ErrorKind.InvalidArgument, $"'{text}' is no address for a machine.", text, $"Give a last number from 2 to 253 on {Network}.0, or a full address that does not end with 0, 1, 254 or 255.");
        }

        return full;
    }

    /// <summary>Name of a machine's tap device: at most 15 characters (IFNAMSIZ).</summary>
    public static string TapDevice(VmDefinition machine) => "omni" + machine.Id.ToString("N", CultureInfo.InvariantCulture)[..10];

    /// <summary>Makes the bridge, the NAT rule, the DHCP server and the machine's tap device, each unless it is there.</summary>
    /// <returns>Name of the tap device.</returns>
    /// <exception cref="OmnibusException"><c>TapNeedsRoot</c>, <c>ProgramMissing</c>, <c>ProgramFailed</c>.</exception>
    public static async Task<string> AttachAsync(string bridge, VmDefinition machine, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new OmnibusException("TapNeedsRoot", ErrorKind.PermissionDenied, $"The machine '{machine.Name}' is attached to a bridge, which only root can make.", machine.Name, "Work as root, or leave -Network out: user networking needs no root.");
        }

        foreach (string program in new[] { "ip", "nft", "dnsmasq" })
        {
            ProgramRunner.Require(program);
        }

        Directory.CreateDirectory(StateFolder(bridge));
        using VmLock held = await VmLock.AcquireAsync(LockFile(bridge), machine.Name, s_lockLimit, cancellationToken).ConfigureAwait(false);
        string gateway = GatewayOf(machine.Address);
        string tap = TapDevice(machine);
        if (!Exists(bridge))
        {
            await IpAsync(["link", "add", bridge, "type", "bridge"], progress, cancellationToken).ConfigureAwait(false);
        }

        // Each time: somebody may have been interrupted in between.
        await IpAsync(["address", "replace", gateway + "/24", "dev", bridge], progress, cancellationToken).ConfigureAwait(false);
        await IpAsync(["link", "set", bridge, "up"], progress, cancellationToken).ConfigureAwait(false);
        await ForwardAsync(bridge, cancellationToken).ConfigureAwait(false);
        await NatAsync(bridge, gateway, progress, cancellationToken).ConfigureAwait(false);
        await DhcpAsync(bridge, machine, gateway, progress, cancellationToken).ConfigureAwait(false);
        if (!Exists(tap))
        {
            await IpAsync(["tuntap", "add", "dev", tap, "mode", "tap"], progress, cancellationToken).ConfigureAwait(false);
        }

        await IpAsync(["link", "set", tap, "master", bridge, "up"], progress, cancellationToken).ConfigureAwait(false);
        return tap;
    }

    /// <summary>Takes away the machine's tap device, and all the rest when no machine is left on the bridge.</summary>
    public static async Task DetachAsync(string bridge, VmDefinition machine, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(StateFolder(bridge)))
        {
            // It was never made, or has gone already.
            return;
        }

        using VmLock held = await VmLock.AcquireAsync(LockFile(bridge), machine.Name, s_lockLimit, cancellationToken).ConfigureAwait(false);
        string tap = TapDevice(machine);
        if (Exists(tap))
        {
            await IpAsync(["link", "delete", tap], progress, cancellationToken).ConfigureAwait(false);
        }

        string members = $"/sys/class/net/{bridge}/brif";
        if (Directory.Exists(members) && Directory.EnumerateFileSystemEntries(members).Any())
        {
            return;
        }

        if (ReadServer(bridge) is { } server)
        {
            await server.EndAsync(TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false);
        }

        await ProgramRunner.TryRunAsync(new ProgramCommand("nft", ["delete", "table", "ip", Table(bridge)]), progress, cancellationToken).ConfigureAwait(false);
        if (Exists(bridge))
        {
            await IpAsync(["link", "delete", bridge], progress, cancellationToken).ConfigureAwait(false);
        }

        if (File.Exists(ForwardMark(bridge)))
        {
            await File.WriteAllTextAsync(Forwarding, "0\n", cancellationToken).ConfigureAwait(false);
        }

        // The lock with it: who waits for it opens it anew.
        Directory.Delete(StateFolder(bridge), recursive: true);
    }

    private static string Table(string bridge) => "omnibus_" + bridge;

    private static string StateFolder(string bridge) => Path.Combine("/run/omnibus", bridge);

    private static string LockFile(string bridge) => Path.Combine(StateFolder(bridge), "lock");

    private static string PidFile(string bridge) => Path.Combine(StateFolder(bridge), "pid");

    private static string HostsFile(string bridge) => Path.Combine(StateFolder(bridge), "hosts");

    // It is there when the host did not forward before.
    private static string ForwardMark(string bridge) => Path.Combine(StateFolder(bridge), "forward");

    private static bool Exists(string device) => Directory.Exists("/sys/class/net/" + device);

    private static RunningProcess? ReadServer(string bridge) =>
        File.Exists(PidFile(bridge))
        && int.TryParse(File.ReadAllText(PidFile(bridge)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
        && File.Exists($"/proc/{id}/comm")
        && File.ReadAllText($"/proc/{id}/comm").Trim() == "dnsmasq"
            ? RunningProcess.Find(id)
            : null;

    private static async Task ForwardAsync(string bridge, CancellationToken cancellationToken)
    {
        if ((await File.ReadAllTextAsync(Forwarding, cancellationToken).ConfigureAwait(false)).Trim() == "0")
        {
            await File.WriteAllTextAsync(ForwardMark(bridge), string.Empty, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Forwarding, "1\n", cancellationToken).ConfigureAwait(false);
        }
    }

    // One table of our own: it is replaced whole, never appended to, and removed whole.
    private static async Task NatAsync(string bridge, string gateway, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string network = gateway[..gateway.LastIndexOf('.')] + ".0/24";
        string rules = $$"""
            table ip {{Table(bridge)}}
            delete table ip {{Table(bridge)}}
            table ip {{Table(bridge)}} {
                chain postrouting {
                    type nat hook postrouting priority 100;
                    ip saddr {{network}} oifname != "{{bridge}}" masquerade
                }
            }

            """;
        using var input = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(rules));
        await ProgramRunner.RunAsync(new ProgramCommand("nft", ["-f", "-"]) { StandardInput = input }, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task DhcpAsync(string bridge, VmDefinition machine, string gateway, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string line = $"{machine.MacAddress},{machine.Address},{machine.Name}";
        string[] others = File.Exists(HostsFile(bridge)) ? [.. File.ReadLines(HostsFile(bridge)).Where(other => !other.StartsWith(machine.MacAddress, StringComparison.Ordinal))] : [];
        await File.WriteAllLinesAsync(HostsFile(bridge), [.. others, line], cancellationToken).ConfigureAwait(false);
        if (ReadServer(bridge) is { } running)
        {
            // It reads the fixed addresses again on this signal (dnsmasq(8)).
            await ProgramRunner.RunAsync(new ProgramCommand("kill", ["-HUP", running.ProcessId.ToString(CultureInfo.InvariantCulture)]), progress, cancellationToken).ConfigureAwait(false);
            return;
        }

        string prefix = gateway[..gateway.LastIndexOf('.')];
        await ProgramRunner.RunAsync(
            new ProgramCommand(
                "dnsmasq",
                [
                    "--conf-file=/dev/null", $"--interface={bridge}", "--bind-interfaces", "--except-interface=lo",
                    $"--dhcp-range={prefix}.2,{prefix}.253,255.255.255.0,12h", $"--dhcp-hostsfile={HostsFile(bridge)}",
                    $"--dhcp-leasefile={StateFolder(bridge)}/leases", $"--pid-file={PidFile(bridge)}", $"--address=/host.omnibus/{gateway}",
                ]),
            progress,
            cancellationToken).ConfigureAwait(false);
    }

    private static Task<ProgramResult> IpAsync(IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        ProgramRunner.RunAsync(new ProgramCommand("ip", arguments), progress, cancellationToken);
}
