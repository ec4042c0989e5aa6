using System.Globalization;
using System.Net;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms;

/// <summary>A port of the host that leads to a port of the guest.</summary>
/// <param name="HostPort">Port on the host, 1 to 65535.</param>
/// <param name="GuestPort">Port in the guest, 1 to 65535.</param>
public sealed record PortForward(int HostPort, int GuestPort)
{
    /// <summary>Address of the host that it listens on; loopback by default.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Whether it carries UDP instead of TCP.</summary>
    public bool Udp { get; init; }

    /// <summary>Reads <c>8080:80</c>, <c>127.0.0.1:8080:80</c> or <c>5353:53/udp</c>.</summary>
    /// <exception cref="OmnibusException"><c>PortForwardInvalid</c>.</exception>
    public static PortForward Parse(string text)
    {
        string rest = text;
        bool udp = false;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            string protocol = text[(slash + 1)..];
            udp = string.Equals(protocol, "udp", StringComparison.OrdinalIgnoreCase);
            if (!udp && !string.Equals(protocol, "tcp", StringComparison.OrdinalIgnoreCase))
            {
                throw Invalid(text);
            }

            rest = text[..slash];
        }

        string[] parts = rest.Split(':');
        if (parts.Length is < 2 or > 3)
        {
            throw Invalid(text);
        }

        string address = parts.Length == 3 ? parts[0] : "127.0.0.1";
        if (!IPAddress.TryParse(address, out IPAddress? parsed) || parsed.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            throw Invalid(text);
        }

        return new PortForward(Port(parts[^2], text), Port(parts[^1], text)) { Address = parsed.ToString(), Udp = udp };
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}:{HostPort}:{GuestPort}{(Udp ? "/udp" : string.Empty)}");

    /// <summary>QEMU's word for it: <c>tcp:127.0.0.1:8080-:80</c>.</summary>
    internal string ToHostForward() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Udp ? "udp" : "tcp")}:{Address}:{HostPort}-:{GuestPort}");

    private static int Port(string text, string whole) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535 ? port : throw Invalid(whole);

    private static OmnibusException Invalid(string text) =>
        new("PortForwardInvalid", ErrorKind.InvalidArgument, $"'{text}' is no port forward.", text, "Write HOST:GUEST or ADDRESS:HOST:GUEST, with /udp for UDP, for example 8080:80.");
}
