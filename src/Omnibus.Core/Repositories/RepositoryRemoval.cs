using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Takes a whole repository away, and nothing that is not its own.</summary>
public static class RepositoryRemoval
{
    /// <summary>Removes every file of the repository: first the pointer, so that no client begins what it cannot end.</summary>
    /// <returns>The number of files that were removed.</returns>
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancellationToken)
    {
        await repository.Store.AbandonUploadsAsync(DateTimeOffset.MaxValue, cancellationToken).ConfigureAwait(false);
        string pointerKey = repository.Format.PointerKey(repository.Configuration);
        PublishedPointer? pointer = await repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false);
        var keys = new List<string>();
        if (pointer is not null)
        {
            keys.AddRange(CompanionKeys(repository, pointer).Reverse());
        }

        var hidden = new List<string>();
        await foreach (StoredObject stored in repository.Store.ListAsync(string.Empty, cancellationToken).ConfigureAwait(false))
        {
            if (RepositoryKeys.IsHidden(stored.Key))
            {
                hidden.Add(stored.Key);
            }
            else if (repository.Format.OwnsKey(repository.Configuration, stored.Key))
            {
                keys.Add(stored.Key);
            }
        }

        // The configuration goes last: until then the removal can be repeated.
        hidden.Remove(RepositoryKeys.Configuration);
        hidden.Add($"{RepositoryKeys.HiddenFolder}/{RepositoryKeys.LockName}");
        hidden.Add($"{RepositoryKeys.HiddenFolder}/{RepositoryKeys.RemovalLockName}");
        string[] all = [pointerKey, .. keys.Distinct(StringComparer.Ordinal).Where(k => k != pointerKey), .. hidden, RepositoryKeys.Configuration];
        await repository.Store.DeleteAsync(all, cancellationToken).ConfigureAwait(false);
        return all.Length;
    }

    private static IReadOnlyList<string> CompanionKeys(Repository repository, PublishedPointer pointer)
    {
        try
        {
            return repository.Format.CompanionKeys(repository.Configuration, pointer);
        }
        catch (Diagnostics.OmnibusException)
        {
            // A damaged pointer must not keep the repository from being removed.
            return [];
        }
    }
}
