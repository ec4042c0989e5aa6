using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>The checkpoints of a repository: copies of its pointer under a name, immutable. To return to one costs a new pointer and no package.</summary>
public sealed class RepositoryCheckpoints(Repository repository)
{
    /// <summary>Keeps what is published now under a name.</summary>
    /// <exception cref="OmnibusException"><c>CheckpointNameInvalid</c>, <c>CheckpointExists</c>, <c>RepositoryEmpty</c>, errors of the store.</exception>
    public async Task<RepositoryCheckpoint> CreateAsync(string name, CancellationToken cancellationToken)
    {
        string key = KeyOf(name);
        PublishedPointer pointer = await repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new OmnibusException("RepositoryEmpty", ErrorKind.NotFound, $"{repository.Location}: nothing is published yet.", repository.Location);

        // Under the lock: a sweep must not run between our reading of the pointer and our keeping it.
        using IDisposable? held = await repository.Store.LockRemovalAsync(cancellationToken).ConfigureAwait(false);
        PutResult put = await repository.Store.PutBytesAsync(key, pointer.Content, new PutOptions { Condition = PutCondition.Absent }, cancellationToken).ConfigureAwait(false);
        return put.Stored
            ? new RepositoryCheckpoint(name, repository.Location, repository.Format.ReadTime(pointer), repository.Context.Clock.GetUtcNow())
            : throw new OmnibusException("CheckpointExists", ErrorKind.AlreadyExists, $"{repository.Location} has a checkpoint '{name}' already.", name, "Checkpoints never change. Choose another name.");
    }

    /// <summary>The checkpoints, by name.</summary>
    public async IAsyncEnumerable<RepositoryCheckpoint> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StoredObject stored in repository.Store.ListAsync(RepositoryKeys.Checkpoints, cancellationToken).ConfigureAwait(false))
        {
            string name = stored.Key[RepositoryKeys.Checkpoints.Length..];
            PublishedPointer pointer = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
            yield return new RepositoryCheckpoint(name, repository.Location, repository.Format.ReadTime(pointer), stored.ModifiedTime);
        }
    }

    /// <summary>The state that a checkpoint holds.</summary>
    /// <exception cref="OmnibusException"><c>CheckpointNameInvalid</c>, <c>CheckpointNotFound</c>.</exception>
    public async Task<PublishedPointer> ReadAsync(string name, CancellationToken cancellationToken)
    {
        byte[] content = await repository.Store.ReadBytesAsync(KeyOf(name), PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false)
            ?? throw new OmnibusException("CheckpointNotFound", ErrorKind.NotFound, $"{repository.Location} has no checkpoint '{name}'.", name);
        return new PublishedPointer(repository.Format.PointerKey(repository.Configuration), string.Empty, content);
    }

    /// <summary>Publishes a checkpoint's state again, newly dated and signed.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<RepositoryCommit> RestoreAsync(string name, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Restore(await ReadAsync(name, cancellationToken).ConfigureAwait(false));
        return await transaction.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a checkpoint; what only it named goes with a later clean-up.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        PublishedPointer pointer = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        var keys = new HashSet<string>(repository.Format.ReadIndexReferences(repository.Configuration, pointer).Select(i => i.Key), StringComparer.Ordinal);
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, cancellationToken).ConfigureAwait(false))
        {
            keys.UnionWith(package.Files.Select(f => f.Key));
        }

        // A record makes them candidates: what is still named elsewhere stays.
        await TransactionRecord.WriteAsync(repository, keys, null, cancellationToken).ConfigureAwait(false);
        await repository.Store.DeleteAsync([KeyOf(name)], cancellationToken).ConfigureAwait(false);
    }

    private static string KeyOf(string name)
    {
        bool valid = name.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '~');
        return valid ? RepositoryKeys.Checkpoints + name : throw new OmnibusException(
            "CheckpointNameInvalid",
            ErrorKind.InvalidArgument,
            $"'{name}' cannot be the name of a checkpoint.",
            name,
            "Use letters, digits and . - _ + ~, beginning with a letter or digit.");
    }
}
