namespace Omnibus.Core.Compression;

/// <summary>Pieces that are worked on at the same time and written in the order in which they came.</summary>
/// <typeparam name="T">A piece.</typeparam>
/// <param name="limit">How many are worked on at once.</param>
/// <param name="write">Writes a finished piece, and takes it over.</param>
internal sealed class OrderedPieces<T>(int limit, Action<T> write) : IDisposable
    where T : IDisposable
{
    private readonly Queue<(T Piece, Task Work)> _running = new();

    /// <summary>Begins the work on a piece; waits for the oldest one when there are too many.</summary>
    public void Add(T piece, Action work)
    {
        if (_running.Count == limit)
        {
            WriteOldest();
        }

        _running.Enqueue((piece, Task.Run(work)));
    }

    /// <summary>Writes all that are left.</summary>
    public void WriteAll()
    {
        while (_running.Count > 0)
        {
            WriteOldest();
        }
    }

    /// <summary>Gives up what was not written: waits until nothing works on it any more, then lets it go.</summary>
    public void Dispose()
    {
        while (_running.TryDequeue(out (T Piece, Task Work) left))
        {
            ((IAsyncResult)left.Work).AsyncWaitHandle.WaitOne();
            left.Piece.Dispose();
        }
    }

    // A piece leaves the queue only when it is written: what fails before stays to be disposed of.
    private void WriteOldest()
    {
        (T piece, Task work) = _running.Peek();
        work.GetAwaiter().GetResult();
        write(piece);
        _running.Dequeue();
    }
}
