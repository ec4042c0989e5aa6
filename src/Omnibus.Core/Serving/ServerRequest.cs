using System.Net;

namespace Omnibus.Core.Serving;

/// <summary>What a server is to do.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Folders">What it gives out.</param>
public sealed record ServerRequest(string Name, IReadOnlyList<ServedFolder> Folders)
{
    /// <summary>The address to listen on; loopback unless told otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>What answers.</summary>
    public ServerBackend Backend { get; init; }
}
