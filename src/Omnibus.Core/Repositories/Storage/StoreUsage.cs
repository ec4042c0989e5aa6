namespace Omnibus.Core.Repositories.Storage;

/// <summary>What a store was asked for since it was opened. Safe to read while requests run.</summary>
public sealed class StoreUsage
{
    private long _requests;
    private long _writes;
    private long _lists;
    private long _bytesSent;

    /// <summary>Requests made, repeated ones included.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Of these, those that write.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Of these, those that list.</summary>
    public long Lists => Interlocked.Read(ref _lists);

    /// <summary>Bytes of content sent.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    internal void Count(bool write, bool list, long bytes)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _writes, write ? 1 : 0);
        Interlocked.Add(ref _lists, list ? 1 : 0);
        Interlocked.Add(ref _bytesSent, bytes);
    }
}

/// <summary>A store that counts what it is asked for.</summary>
public interface IMeteredStore
{
    /// <summary>The count.</summary>
    StoreUsage Usage { get; }
}
