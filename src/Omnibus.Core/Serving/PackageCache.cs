using System.Text.Json.Serialization;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>The cache of packages, for image creation and for guests alike.</summary>
public sealed record PackageCache
{
    /// <summary>The address it listens on.</summary>
    public required string Address { get; init; }

    /// <summary>Its port.</summary>
    public required int Port { get; init; }

    /// <summary>Where the cached files are.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Its log of transfers.</summary>
    public required string LogPath { get; init; }

    /// <summary>When it was started, UTC.</summary>
    public required DateTimeOffset StartedTime { get; init; }

    /// <summary>The process that answers.</summary>
    public required RunningProcess Process { get; init; }

    /// <summary>Files given out.</summary>
    [JsonIgnore]
    public long Requests { get; init; }

    /// <summary>Of these, those that were in the cache.</summary>
    [JsonIgnore]
    public long Hits { get; init; }

    /// <summary>Of these, those that had to be fetched.</summary>
    [JsonIgnore]
    public long Misses { get; init; }

    /// <summary>Bytes given out that were not fetched again.</summary>
    [JsonIgnore]
    public long BytesSaved { get; init; }

    /// <summary>Bytes that the cached files take.</summary>
    [JsonIgnore]
    public long Size { get; init; }

    /// <summary>Its address as a proxy, for programs on this host.</summary>
    [JsonIgnore]
    public Uri ProxyUri => new($"http://{(Address is "0.0.0.0" ? "127.0.0.1" : Address)}:{Port}/");

    /// <summary>Whether it runs.</summary>
    [JsonIgnore]
    public string State => Process.IsAlive ? "Running" : "Stopped";
}
