using System.Net;
using System.Text.Json.Serialization;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>A server of repositories, running or stopped.</summary>
public sealed record RepositoryServer
{
    /// <summary>Its name, by which it is found again.</summary>
    public required string Name { get; init; }

    /// <summary>What answers.</summary>
    public required ServerBackend Backend { get; init; }

    /// <summary>The address it listens on.</summary>
    public required string Address { get; init; }

    /// <summary>The port it listens on.</summary>
    public required int Port { get; init; }

    /// <summary>What it gives out.</summary>
    public required IReadOnlyList<ServedFolder> Folders { get; init; }

    /// <summary>When it was started, UTC.</summary>
    public required DateTimeOffset StartedTime { get; init; }

    /// <summary>The server's log of requests.</summary>
    public required string LogPath { get; init; }

    /// <summary>The process that answers.</summary>
    public required RunningProcess Process { get; init; }

    /// <summary>The root address for clients on this host.</summary>
    [JsonIgnore]
    public Uri Uri => new($"http://{HostForUri()}:{Port}/");

    /// <summary>Whether it runs.</summary>
    [JsonIgnore]
    public string State => Process.IsAlive ? "Running" : "Stopped";

    /// <summary>The address of each folder, in order.</summary>
    [JsonIgnore]
    public IReadOnlyList<Uri> FolderUri => [.. Folders.Select(folder => new Uri(Uri, folder.UrlPath.TrimStart('/')))];

    private string HostForUri()
    {
        var address = IPAddress.Parse(Address);
        if (address.Equals(IPAddress.Any))
        {
            return "127.0.0.1";
        }

        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{(address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address)}]" : Address;
    }
}
