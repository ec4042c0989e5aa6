using System.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Publisher;

/// <summary>A store whose process really dies (SIGKILL) before its n-th operation.</summary>
internal sealed class DyingStore(IObjectStore inner, int killAt) : IObjectStore
{
    private int _operations;

    /// <summary>How many operations there were.</summary>
    public int Operations => _operations;

    public string Location => inner.Location;

    public string? StagingParent => inner.StagingParent;

    public Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken)
    {
        Count();
        return inner.LockRemovalAsync(cancellationToken);
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        Count();
        return inner.FindAsync(key, cancellationToken);
    }

    public Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        Count();
        return inner.OpenReadAsync(key, cancellationToken);
    }

    public Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Count();
        return inner.PutAsync(key, open, length, options, progress, cancellationToken);
    }

    public Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken)
    {
        Count();
        return inner.TryCopyAsync(sourceKey, targetKey, options, cancellationToken);
    }

    public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        Count();
        return inner.DeleteAsync(keys, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        Count();
        return inner.ListAsync(prefix, cancellationToken);
    }

    private void Count()
    {
        if (Interlocked.Increment(ref _operations) == killAt)
        {
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
