using System.Collections;
using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the names of the packages of the repository that the command line names.</summary>
public sealed class RepoPackageCompleter : NameCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        Repository? repository = RepositoryCompletion.Open(boundParameters["Repository"]);
        if (repository is null)
        {
            return [];
        }

        using var stop = new CancellationTokenSource(s_patience);
        return Task.Run(() => ListAsync(repository, stop.Token), stop.Token).GetAwaiter().GetResult();
    }

    private static async Task<List<Suggestion>> ListAsync(Repository repository, CancellationToken cancellationToken)
    {
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(null, cancellationToken))
        {
            names[package.Name] = package.Summary;
        }

        return [.. names.Select(n => new Suggestion(n.Key, n.Value))];
    }
}

/// <summary>Offers the checkpoints of the repository that the command line names.</summary>
public sealed class RepositoryCheckpointCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        Repository? repository = RepositoryCompletion.Open(boundParameters["Repository"]);
        return repository is null ? [] : Task.Run(() => ListAsync(repository)).GetAwaiter().GetResult();
    }

    private static async Task<List<Suggestion>> ListAsync(Repository repository)
    {
        var names = new List<Suggestion>();
        await foreach (RepositoryCheckpoint checkpoint in new RepositoryCheckpoints(repository).ListAsync(CancellationToken.None))
        {
            names.Add(new Suggestion(checkpoint.Name, $"published {checkpoint.Published:u}"));
        }

        return names;
    }
}

/// <summary>Opens the repository of a command line that is being typed.</summary>
internal static class RepositoryCompletion
{
    /// <summary>The repository, or null when there is none or it is not local: Tab waits for no network.</summary>
    public static Repository? Open(object? argument)
    {
        object? value = argument is PSObject wrapped ? wrapped.BaseObject : argument;
        if (value is Repository or RepositoryArgument { Repository: not null })
        {
            return value as Repository ?? ((RepositoryArgument)value).Repository;
        }

        string? location = (value as string)?.Trim('\'', '"');
        if (string.IsNullOrEmpty(location) || ObjectStores.IsRemote(location) || !Directory.Exists(location))
        {
            return null;
        }

        return Task.Run(() => Repository.OpenAsync(new DirectoryStore(location), new RepositoryContext(), CancellationToken.None)).GetAwaiter().GetResult();
    }
}
