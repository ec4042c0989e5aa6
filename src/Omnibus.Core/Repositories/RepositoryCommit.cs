using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories;

/// <summary>Outcome of a transaction.</summary>
public sealed record RepositoryCommit
{
    /// <summary>Where.</summary>
    public required string Location { get; init; }

    /// <summary>Whether a new state was published; false when there was nothing to do, or when only a plan was asked for.</summary>
    public required bool Published { get; init; }

    /// <summary>What became of each package.</summary>
    public IReadOnlyList<PackageChange> Changes { get; init; } = [];

    /// <summary>Packages that were refused because they are published with other bytes, when the caller wanted the others nevertheless.</summary>
    public IReadOnlyList<OmnibusException> Conflicts { get; init; } = [];

    /// <summary>Number of packages that are new.</summary>
    public int Added => Count(PackageChangeKind.Added);

    /// <summary>Number of packages that took the place of other bytes of their version.</summary>
    public int Replaced => Count(PackageChangeKind.Replaced);

    /// <summary>Number of packages that went.</summary>
    public int Removed => Count(PackageChangeKind.Removed);

    /// <summary>Number of the given packages that were published already, with the same bytes.</summary>
    public int Unchanged => Count(PackageChangeKind.Unchanged);

    /// <summary>Bytes of packages and indexes that were written to the store.</summary>
    public long BytesSent { get; init; }

    /// <summary>How often the merge was made: 1 when nobody was faster.</summary>
    public int Attempts { get; init; }

    /// <summary>What clients call the published state.</summary>
    public string Revision { get; init; } = string.Empty;

    /// <summary>The pointer's tag.</summary>
    public string? PointerETag { get; init; }

    private int Count(PackageChangeKind kind)
    {
        int count = 0;
        foreach (PackageChange change in Changes)
        {
            count += change.Kind == kind ? 1 : 0;
        }

        return count;
    }
}
