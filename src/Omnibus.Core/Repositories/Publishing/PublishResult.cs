namespace Omnibus.Core.Repositories.Publishing;

/// <summary>What became of one destination.</summary>
public sealed record PublishResult
{
    /// <summary>Where.</summary>
    public required string Destination { get; init; }

    /// <summary>The repository that was published.</summary>
    public required string Source { get; init; }

    /// <summary>Packages that are new there.</summary>
    public required int Added { get; init; }

    /// <summary>Packages that took the place of other bytes of their version.</summary>
    public required int Replaced { get; init; }

    /// <summary>Packages that went.</summary>
    public required int Removed { get; init; }

    /// <summary>Packages of the source that were there already.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Bytes of packages and indexes sent.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Requests made to the store, repeated ones included; 0 for a folder.</summary>
    public required long Requests { get; init; }

    /// <summary>How often the merge was made: 1 when no other publisher was faster, 0 when nothing had to be done.</summary>
    public required int Attempts { get; init; }

    /// <summary>What clients call the published state.</summary>
    public required string Revision { get; init; }

    /// <summary>Tag of the pointer.</summary>
    public required string? PointerETag { get; init; }

    /// <summary>What became, or with a plan would become, of each package that is not unchanged.</summary>
    public IReadOnlyList<PackageChange> Changes { get; init; } = [];
}
