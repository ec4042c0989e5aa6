using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Finds what a retention policy does not keep.</summary>
internal static class RetentionSelector
{
    /// <summary>The packages that are neither among the newest of their component, name and architecture nor young enough.</summary>
    public static async Task<IReadOnlyList<PackageIdentity>> SelectAsync(Repository repository, RetentionPolicy policy, IEnumerable<PublishedPackage> packages, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(policy.KeepNewest, 1);
        var candidates = new List<PublishedPackage>();
        foreach (var versions in packages.GroupBy(p => (p.Component, p.Name, p.Architecture)))
        {
            candidates.AddRange(versions
                .OrderDescending(Comparer<PublishedPackage>.Create((a, b) => repository.Format.CompareVersions(a.Version, b.Version)))
                .Skip(policy.KeepNewest));
        }

        var selected = new List<PackageIdentity>();
        DateTimeOffset limit = policy.KeepYoungerThan is { } age ? repository.Context.Clock.GetUtcNow() - age : DateTimeOffset.MaxValue;
        foreach (PublishedPackage package in candidates)
        {
            if (policy.KeepYoungerThan is not null)
            {
                // The time at which the file came into the store is the time of its publication.
                StoredObject? file = await repository.Store.FindAsync(package.Key, cancellationToken).ConfigureAwait(false);
                if (file?.ModifiedTime > limit)
                {
                    continue;
                }
            }

            selected.Add(package.Identity);
        }

        return selected;
    }
}
