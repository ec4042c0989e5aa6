using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>What starting any server needs: a port, and the proof that it runs.</summary>
internal static class ServerStart
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>The wanted port when it is free, or any free port for 0.</summary>
    /// <exception cref="OmnibusException"><c>ServerPortInUse</c>, <c>ServerAddressUnavailable</c>.</exception>
    public static int ChoosePort(IPAddress address, int wanted)
    {
        try
        {
            using var listener = new TcpListener(address, wanted);
            listener.ExclusiveAddressUse = true;
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            throw new OmnibusException("ServerPortInUse", ErrorKind.AlreadyExists, $"Port {wanted} of {address} is taken by another program.", wanted, "Choose another with -Port, or leave it out to get a free one.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied)
        {
            throw new OmnibusException("ServerPortInUse", ErrorKind.PermissionDenied, $"Port {wanted} of {address} may not be opened by this user.", wanted, "Ports below 1024 need root; choose a higher one.", e);
        }
        catch (SocketException e)
        {
            throw new OmnibusException("ServerAddressUnavailable", ErrorKind.InvalidArgument, $"{address} is no address of this host: {e.Message}", address.ToString(), "Use 127.0.0.1, 0.0.0.0, or an address that 'ip address' shows.", e);
        }
    }

    /// <summary>The wanted port when it is free, or for 0 a free one between 20000 and a highest one.</summary>
    /// <inheritdoc cref="ChoosePort(IPAddress, int)"/>
    public static int ChoosePort(IPAddress address, int wanted, int highest)
    {
        if (wanted != 0)
        {
            return wanted <= highest ? ChoosePort(address, wanted) : throw new OmnibusException(
                "ServerPortInvalid", ErrorKind.InvalidArgument, $"Port {wanted} is too high: this server cannot listen above {highest}.", wanted);
        }

        int first = Random.Shared.Next(20_000, highest);
        for (int port = first; ; port = port == highest ? 20_000 : port + 1)
        {
            try
            {
                return ChoosePort(address, port);
            }
            catch (OmnibusException e) when (e.Id == "ServerPortInUse" && port != first - 1)
            {
            }
        }
    }

    /// <summary>Waits for a daemon's pid file and names the process.</summary>
    /// <exception cref="OmnibusException"><c>ServerNotStarted</c>, with the end of its log.</exception>
    public static async Task<RunningProcess> WaitForPidFileAsync(string program, string pidFile, string log, string name, CancellationToken cancellationToken)
    {
        DateTime end = DateTime.UtcNow + s_patience;
        while (DateTime.UtcNow < end)
        {
            if (File.Exists(pidFile)
                && int.TryParse((await File.ReadAllTextAsync(pidFile, cancellationToken).ConfigureAwait(false)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && RunningProcess.Find(id) is { } process)
            {
                return process;
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        throw new OmnibusException("ServerNotStarted", ErrorKind.ProgramFailed, $"{program} did not start.\n{LogTail(log)}", name, $"Its log is {log}.");
    }

    /// <summary>Waits until a port takes connections.</summary>
    /// <exception cref="OmnibusException"><c>ServerNotStarted</c>.</exception>
    public static async Task WaitForPortAsync(string program, IPAddress address, int port, string log, string name, CancellationToken cancellationToken)
    {
        IPAddress target = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        DateTime end = DateTime.UtcNow + s_patience;
        while (true)
        {
            try
            {
                using var client = new TcpClient(target.AddressFamily);
                await client.ConnectAsync(target, port, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < end)
            {
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                throw new OmnibusException("ServerNotStarted", ErrorKind.ProgramFailed, $"{program} does not answer on port {port}.\n{LogTail(log)}", name, $"Its log is {log}.", e);
            }
        }
    }

    private static string LogTail(string log) => File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(10)) : string.Empty;
}
