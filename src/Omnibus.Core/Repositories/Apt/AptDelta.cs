namespace Omnibus.Core.Repositories.Apt;

/// <summary>What a change does to the packages of an apt repository, for the indexes that follow from them.</summary>
/// <param name="Added">Packages that are new, or that take the place of others.</param>
/// <param name="Gone">Published packages that are taken out or replaced.</param>
/// <param name="Remaining">Published packages that stay and have the name of one that goes: what they share with it stays too.</param>
internal sealed record AptDelta(IReadOnlyList<AptPackage> Added, IReadOnlyList<PublishedPackage> Gone, IReadOnlyList<PublishedPackage> Remaining)
{
    /// <summary>Whether nothing is added or taken out.</summary>
    public bool IsEmpty => Added.Count == 0 && Gone.Count == 0;

    /// <summary>Gathers it from merged Packages files.</summary>
    /// <param name="merge">The change.</param>
    /// <param name="merges">The merges of all Packages files.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<AptDelta> GatherAsync(RepositoryMerge merge, IReadOnlyCollection<PackagesMerge> merges, CancellationToken cancellationToken)
    {
        AptPackage[] added = [.. merges.SelectMany(m => m.Outcomes).Select(o => o.Package).OfType<AptPackage>().Distinct()];
        PublishedPackage[] gone = [.. merges.SelectMany(m => m.Gone).DistinctBy(p => p.Identity)];
        var remaining = new List<PublishedPackage>();
        if (gone.Length > 0)
        {
            HashSet<(string, string)> names = [.. gone.Select(p => (p.Component, p.Name))];
            await foreach (PublishedPackage package in ReadRemainingAsync(merge, [.. gone.Select(p => p.Identity)], cancellationToken).ConfigureAwait(false))
            {
                if (names.Contains((package.Component, package.Name)))
                {
                    remaining.Add(package);
                }
            }
        }

        return new AptDelta(added, gone, remaining);
    }

    /// <summary>The published packages without those that go.</summary>
    public IAsyncEnumerable<PublishedPackage> ReadRemainingAsync(RepositoryMerge merge, CancellationToken cancellationToken) =>
        ReadRemainingAsync(merge, [.. Gone.Select(p => p.Identity)], cancellationToken);

    private static async IAsyncEnumerable<PublishedPackage> ReadRemainingAsync(
        RepositoryMerge merge, HashSet<PackageIdentity> gone, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (merge.Content is null)
        {
            yield break;
        }

        await foreach (PublishedPackage package in merge.Repository.ReadPackagesAsync(merge.Content, cancellationToken).ConfigureAwait(false))
        {
            if (!gone.Contains(package.Identity))
            {
                yield return package;
            }
        }
    }
}
