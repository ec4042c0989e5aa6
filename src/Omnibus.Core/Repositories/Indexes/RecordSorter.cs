using System.Buffers;
using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>Sorts any number of records by key with bounded memory: what does not fit is sorted piece by piece into files.</summary>
/// <param name="format">The form of the records.</param>
/// <param name="folder">An existing local folder.</param>
/// <param name="name">First part of the files' names.</param>
/// <param name="limit">Bytes that are kept in memory.</param>
internal sealed class RecordSorter(RecordFormat format, string folder, string name, int limit = RecordSorter.UsualLimit) : IDisposable
{
    private const int UsualLimit = 32 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<(int Start, int Length)> _records = [];
    private readonly List<string> _spilled = [];
    private readonly List<FileStream> _open = [];
    private byte[] _bytes = [];
    private int _used;

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _records.Count == 0 && _spilled.Count == 0;

    /// <summary>Adds a record. Several threads may.</summary>
    /// <exception cref="OmnibusException"><c>StagingFailed</c>.</exception>
    public void Add(ReadOnlySpan<byte> record)
    {
        lock (_lock)
        {
            if (_used > 0 && _used + record.Length > limit)
            {
                Spill();
            }

            if (_bytes.Length < _used + record.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_used + record.Length, Math.Min(limit, Math.Max(64 * 1024, _bytes.Length * 2))));
            }

            record.CopyTo(_bytes.AsSpan(_used));
            _records.Add((_used, record.Length));
            _used += record.Length;
        }
    }

    /// <summary>All records by key, those with one key combined. Each is valid until the next is asked for.</summary>
    /// <exception cref="OmnibusException"><c>StagingFailed</c>.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> ReadSorted()
    {
        var sources = new List<IEnumerator<ReadOnlyMemory<byte>>> { InMemory().GetEnumerator() };
        sources.AddRange(_spilled.Select(path => FromFile(path).GetEnumerator()));
        var queue = new PriorityQueue<int, ReadOnlyMemory<byte>>(Comparer<ReadOnlyMemory<byte>>.Create((a, b) => format.KeyOf(a.Span).SequenceCompareTo(format.KeyOf(b.Span))));
        for (int i = 0; i < sources.Count; i++)
        {
            Enqueue(i);
        }

        var current = new ArrayBufferWriter<byte>();
        var combined = new ArrayBufferWriter<byte>();
        while (queue.TryDequeue(out int source, out ReadOnlyMemory<byte> record))
        {
            if (current.WrittenCount > 0 && !format.KeyOf(current.WrittenSpan).SequenceEqual(format.KeyOf(record.Span)))
            {
                yield return current.WrittenMemory;
                current.ResetWrittenCount();
            }

            if (current.WrittenCount == 0)
            {
                current.Write(record.Span);
            }
            else
            {
                combined.ResetWrittenCount();
                format.Combine(current.WrittenSpan, record.Span, combined);
                (current, combined) = (combined, current);
            }

            Enqueue(source);
        }

        if (current.WrittenCount > 0)
        {
            yield return current.WrittenMemory;
        }

        void Enqueue(int source)
        {
            if (sources[source].MoveNext())
            {
                queue.Enqueue(source, sources[source].Current);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FileStream file in _open)
        {
            file.Dispose();
        }

        // The folder is removed by whoever made it.
        _bytes = [];
    }

    private IEnumerable<ReadOnlyMemory<byte>> InMemory()
    {
        Sort();
        foreach ((int start, int length) in _records)
        {
            yield return _bytes.AsMemory(start, length);
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> FromFile(string path)
    {
        FileStream file = Staged(path, p => new FileStream(p, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 256 * 1024));
        _open.Add(file);
        byte[] head = new byte[4];
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            // The record before stays in use until the queue has compared it.
            byte[] record = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            file.ReadExactly(record);
            yield return record;
        }
    }

    private void Sort() => _records.Sort((a, b) => format.KeyOf(_bytes.AsSpan(a.Start, a.Length)).SequenceCompareTo(format.KeyOf(_bytes.AsSpan(b.Start, b.Length))));

    private void Spill()
    {
        Sort();
        string path = Path.Combine(folder, $"{name}-{_spilled.Count}.sorted");
        Staged(path, p =>
        {
            using var file = new FileStream(p, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 256 * 1024);
            Span<byte> head = stackalloc byte[4];
            foreach ((int start, int length) in _records)
            {
                BinaryPrimitives.WriteInt32LittleEndian(head, length);
                file.Write(head);
                file.Write(_bytes.AsSpan(start, length));
            }

            return p;
        });
        _spilled.Add(path);
        _records.Clear();
        _used = 0;
    }

    private static T Staged<T>(string path, Func<string, T> action)
    {
        try
        {
            return action(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StagingErrors.From(e, path);
        }
    }
}
