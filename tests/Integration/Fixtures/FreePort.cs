using System.Net;
using System.Net.Sockets;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>Ports that are free now, on loopback.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
