using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories;

/// <summary>How far the transfer of a publication is, by objects and by bytes: one report for all objects that travel at once.</summary>
/// <param name="activity">What the reports are about.</param>
/// <param name="objects">Objects to transfer.</param>
/// <param name="bytes">Their bytes.</param>
/// <param name="progress">Who is told.</param>
internal sealed class TransferProgress(string activity, int objects, long bytes, IProgress<OperationProgress> progress)
{
    private const double Mebibyte = 1024 * 1024;
    private int _objectsDone;
    private long _bytesDone;

    /// <summary>Begins an object.</summary>
    public ObjectProgress Begin(string key, long size) => new(this, key, size);

    internal void Add(string key, long count, bool complete)
    {
        long sent = Interlocked.Add(ref _bytesDone, count);
        int done = complete ? Interlocked.Increment(ref _objectsDone) : Volatile.Read(ref _objectsDone);

        // The first half of the bar is the reading of the packages.
        double share = bytes > 0 ? (double)sent / bytes : (double)done / Math.Max(1, objects);
        progress.Report(new OperationProgress(
            activity,
            string.Create(CultureInfo.InvariantCulture, $"storing {done} of {objects} objects, {sent / Mebibyte:0.0} of {bytes / Mebibyte:0.0} MiB"))
        {
            Item = key,
            Fraction = 0.5 + (0.5 * Math.Clamp(share, 0, 1)),
        });
    }
}

/// <summary>One object's part of it. Bytes that are sent again after a failure count once.</summary>
internal sealed class ObjectProgress(TransferProgress owner, string key, long size) : IProgress<long>
{
    private readonly Lock _counting = new();
    private long _counted;

    /// <inheritdoc/>
    public void Report(long value) => owner.Add(key, Take(value), complete: false);

    /// <summary>The object is in the store, whether it was sent or there already.</summary>
    public void Complete() => owner.Add(key, Take(size), complete: true);

    // Parts of one object may travel at once.
    private long Take(long value)
    {
        lock (_counting)
        {
            long taken = Math.Clamp(value, 0, size - _counted);
            _counted += taken;
            return taken;
        }
    }
}
