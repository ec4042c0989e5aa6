using Omnibus.Core.Compression;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Yum;

namespace Omnibus.Core.Repositories;

/// <summary>Where the packages of a repository lie.</summary>
public enum RepositoryLayout
{
    /// <summary>Debian's way: <c>dists/</c> for the indexes and <c>pool/</c> for the packages. For yum: <c>Packages/</c> by first letter.</summary>
    Pool,

    /// <summary>Everything in one folder, indexes beside the packages.</summary>
    Flat,
}

/// <summary>What a repository is. Kept in the store itself under hidden state, so that every publisher sees the same; holds no secrets.</summary>
public sealed record RepositoryConfiguration
{
    /// <summary>Version of this document's form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Name of the <see cref="IRepositoryFormat"/>: <c>Apt</c> or <c>Yum</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The distribution it is for (<c>debian-12</c>), or null.</summary>
    public string? Distribution { get; init; }

    /// <summary>Where packages lie.</summary>
    public RepositoryLayout Layout { get; init; }

    /// <summary>Components (apt); one without a name for formats that know none. The first is the default one.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Architectures in the format's own names, without <c>all</c> and <c>noarch</c>.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>Fingerprints of the keys that sign, all of them each time; empty: unsigned.</summary>
    public IReadOnlyList<string> SigningKeys { get; init; } = [];

    /// <summary>How long a published state may be used by clients (apt Valid-Until), or null for ever.</summary>
    public TimeSpan? ValidFor { get; init; }

    /// <summary>Who is behind it.</summary>
    public string? Origin { get; init; }

    /// <summary>Its label.</summary>
    public string? Label { get; init; }

    /// <summary>A sentence about it.</summary>
    public string? Description { get; init; }

    /// <summary>Whether a published package may be replaced by other bytes of the same version, with force.</summary>
    public bool Mutable { get; init; }

    /// <summary>Compressions of the indexes; empty takes the format's default.</summary>
    public IReadOnlyList<CompressionKind> Compressions { get; init; } = [];

    /// <summary>How many superseded generations of the indexes are kept whatever their age.</summary>
    public int KeepGenerations { get; init; } = 3;

    /// <summary>
    /// How long a superseded file stays for clients that still read the older state, and what a running publication wrote is spared
    /// by others: longer than any publication takes. Zero only where there is one publisher and no client.
    /// </summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Retention that <c>Clear-Repository</c> applies when none is given, or null.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>What only apt knows; null for other formats.</summary>
    public AptConfiguration? Apt { get; init; }

    /// <summary>What only yum knows; null for other formats.</summary>
    public YumConfiguration? Yum { get; init; }
}

/// <summary>Which packages stay: the newest of each name and architecture, and everything younger than an age.</summary>
/// <param name="KeepNewest">How many versions of each name and architecture stay.</param>
/// <param name="KeepYoungerThan">Packages published within this time stay whatever their number; null: only the number counts.</param>
public sealed record RetentionPolicy(int KeepNewest, TimeSpan? KeepYoungerThan);
