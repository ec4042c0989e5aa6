using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Unit.Repositories;

/// <summary>A store whose process is killed at its n-th operation: that one and all later ones never happen.</summary>
internal sealed class FaultingStore(IObjectStore inner, int killAt, bool afterwards) : IObjectStore
{
    private int _operations;

    public int Operations => _operations;

    public string Location => inner.Location;

    public string? StagingParent => inner.StagingParent;

    public Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken) => inner.LockRemovalAsync(cancellationToken);

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => Run(() => inner.FindAsync(key, cancellationToken));

    public Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken) => Run(() => inner.OpenReadAsync(key, cancellationToken));

    public Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken) =>
        Run(() => inner.PutAsync(key, open, length, options, progress, cancellationToken));

    public Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken) =>
        Run(() => inner.TryCopyAsync(sourceKey, targetKey, options, cancellationToken));

    public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => Run(async () =>
    {
        await inner.DeleteAsync(keys, cancellationToken);
        return true;
    });

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    private async Task<T> Run<T>(Func<Task<T>> work)
    {
        int number = Interlocked.Increment(ref _operations);
        if (number > killAt || (number == killAt && !afterwards))
        {
            throw new KilledException();
        }

        T result = await work();
        return number == killAt ? throw new KilledException() : result;
    }
}

/// <summary>The end of a process.</summary>
internal sealed class KilledException : Exception;
