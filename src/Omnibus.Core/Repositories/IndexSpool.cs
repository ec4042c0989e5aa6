using System.Collections.Concurrent;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>
/// A remote store whose indexes are fetched once: a content-addressed key never changes, so that the second reader of one (the
/// merge after a look at what is there, the next attempt after a lost race) gets the copy on this machine.
/// </summary>
internal sealed class IndexSpool(IObjectStore store) : IObjectStore, IDisposable
{
    private const int DigestLength = 64;

    private readonly StagingFolder _folder = StagingFolder.Create(null);
    private readonly ConcurrentDictionary<string, Lazy<Task<StoredObject?>>> _fetched = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Location => store.Location;

    /// <inheritdoc/>
    public string? StagingParent => store.StagingParent;

    /// <inheritdoc/>
    public async Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        if (!IsContentAddressed(key))
        {
            return await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        }

        string path = Path.Combine(_folder.Path, Uri.EscapeDataString(key));
        Lazy<Task<StoredObject?>> fetch = _fetched.GetOrAdd(key, _ => new Lazy<Task<StoredObject?>>(() => FetchAsync(key, path, cancellationToken)));
        try
        {
            return await fetch.Value.ConfigureAwait(false) is { } found ? new ObjectReading(found, File.OpenRead(path)) : null;
        }
        catch
        {
            // A failure is not kept: the next reader tries again.
            _fetched.TryRemove(new KeyValuePair<string, Lazy<Task<StoredObject?>>>(key, fetch));
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => store.FindAsync(key, cancellationToken);

    /// <inheritdoc/>
    public Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken) =>
        store.PutAsync(key, open, length, options, progress, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => store.DeleteAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken) =>
        store.TryCopyAsync(sourceKey, targetKey, options, cancellationToken);

    /// <inheritdoc/>
    public Task AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken) => store.AbandonUploadsAsync(before, cancellationToken);

    /// <inheritdoc/>
    public Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken) => store.LockRemovalAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    // .../by-hash/SHA256/<digest> of apt, repodata/<digest>-name of yum.
    private static bool IsContentAddressed(string key)
    {
        ReadOnlySpan<char> name = key.AsSpan(key.LastIndexOf('/') + 1);
        return name.Length >= DigestLength && !name[..DigestLength].ContainsAnyExcept("0123456789abcdef") && (name.Length == DigestLength || name[DigestLength] == '-');
    }

    private async Task<StoredObject?> FetchAsync(string key, string path, CancellationToken cancellationToken)
    {
        ObjectReading? reading = await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        if (reading is null)
        {
            // Nothing is kept of what is not there either: another publisher may be about to write it.
            _fetched.TryRemove(key, out _);
            return null;
        }

        await using (reading.ConfigureAwait(false))
        {
            using FileStream file = File.Create(path);
            await reading.Content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        }

        return reading.Object;
    }
}
