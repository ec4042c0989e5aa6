using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>What is known of an object.</summary>
/// <param name="Key">Its key relative to the store's root, parts joined by <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">Opaque tag that changes with the content, as the store spells it.</param>
/// <param name="ModifiedTime">When it was written, or null.</param>
public sealed record StoredObject(string Key, long Size, string ETag, DateTimeOffset? ModifiedTime)
{
    /// <summary>Lower-case hex SHA-256 of the content as its writer gave it, where the store keeps it; null otherwise, and in listings.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>An object that is being read. Dispose it.</summary>
public sealed record ObjectReading(StoredObject Object, Stream Content) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>The condition under which an object is written.</summary>
/// <param name="IfMatch">Only when the object that is there has this tag.</param>
/// <param name="IfAbsent">Only when there is none.</param>
public sealed record PutCondition(string? IfMatch, bool IfAbsent)
{
    /// <summary>Whatever is there.</summary>
    public static PutCondition Always { get; } = new(null, false);

    /// <summary>Only when there is none.</summary>
    public static PutCondition Absent { get; } = new(null, true);

    /// <summary>Only when the object that is there has this tag.</summary>
    public static PutCondition Matches(string etag) => new(etag, false);
}

/// <summary>How an object is written.</summary>
public sealed record PutOptions
{
    /// <summary>When to write at all.</summary>
    public PutCondition Condition { get; init; } = PutCondition.Always;

    /// <summary>Whether the key's content never changes (packages, content-addressed indexes) or is a pointer: sets the cache headers.</summary>
    public bool Immutable { get; init; }

    /// <summary>Content type; null: derived from the key.</summary>
    public string? ContentType { get; init; }

    /// <summary>Lower-case hex SHA-256 of the content when known: the store verifies it.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>Outcome of a conditional write.</summary>
/// <param name="Stored">Whether it was written; false when the condition did not hold.</param>
/// <param name="ETag">The new tag, or null.</param>
public sealed record PutResult(bool Stored, string? ETag)
{
    /// <summary>Bytes that travelled, when an upload went on where an earlier one had stopped; null for all of them.</summary>
    public long? BytesSent { get; init; }
}

/// <summary>A flat store of objects by key: a directory, or S3. The repository engine knows nothing else of where it publishes.</summary>
/// <remarks>
/// A write is atomic: a reader sees the old object or the new one. Keys are relative, never begin with <c>/</c> and hold no
/// <c>.</c> or <c>..</c> part: a store refuses others with <c>StoreKeyInvalid</c>.
/// Errors: <c>StoreNotFound</c> (no such bucket or folder), <c>StoreAccessDenied</c>, <c>StoreFailed</c>, <c>StoreFull</c>.
/// </remarks>
public interface IObjectStore
{
    /// <summary>Where it is: a path or <c>s3://bucket/prefix</c>, without secrets.</summary>
    string Location { get; }

    /// <summary>An object's size and tag, or null when there is none.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Opens an object, or null when there is none.</summary>
    Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes an object of known length.</summary>
    /// <param name="key">Where.</param>
    /// <param name="open">Opens the content from its beginning; called again when a transfer is repeated.</param>
    /// <param name="length">Exact length in bytes.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Bytes sent, or null.</param>
    /// <param name="cancellationToken">Stops.</param>
    Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken);

    /// <summary>Removes objects; those that are not there are no error.</summary>
    Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>Lists objects under a prefix, by key.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Repeats an object under another key without moving its bytes through here, where the store can.</summary>
    /// <returns>False when it cannot, or when there is no such object: then read and write it.</returns>
    Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Gives up uploads that were begun before a time and never finished, so that their parts take no room.</summary>
    Task AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A local folder on the store's own file system for files in the making, or null where there is none.</summary>
    string? StagingParent => null;

    /// <summary>Keeps other processes from removing files while this is held, on stores of one host; null on others, which rely on the grace period.</summary>
    Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken) => Task.FromResult<IDisposable?>(null);
}
