using System.Buffers;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>Merges sorted records into a published index and takes others out; memory holds one part of it.</summary>
/// <param name="format">The form of the index.</param>
/// <param name="filter">What is taken out, or null.</param>
internal sealed class RecordMerge(RecordFormat format, RecordFilter? filter)
{
    private readonly IndexParts _parts = new();
    private readonly ArrayBufferWriter<byte> _rewritten = new();
    private readonly ArrayBufferWriter<byte> _combined = new();
    private byte[] _last = [];

    /// <summary>Merges.</summary>
    /// <param name="reader">The published index; null when there is none.</param>
    /// <param name="additions">Records by key, one for each.</param>
    /// <param name="writer">Takes the merged index.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="InvalidDataException">The published index was written by another program.</exception>
    public async Task RunAsync(IndexReader? reader, IEnumerable<ReadOnlyMemory<byte>> additions, IndexWriter writer, CancellationToken cancellationToken)
    {
        using var next = new Additions(additions);
        while (reader is not null && await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } chunk)
        {
            if (chunk.Plain.Length > 0)
            {
                Take(chunk, next);
            }

            await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
        }

        while (next.Any)
        {
            Emit(next.Current);
            next.Move();
            await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
        }

        _parts.Close();
        await _parts.WriteClosedAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    private void Take(IndexChunk chunk, Additions next)
    {
        ReadOnlySpan<byte> plain = chunk.Plain.Span;
        bool touched = Validate(plain, out byte[] last);
        ReadOnlySpan<byte> first = format.KeyOf(plain[..format.LengthOf(plain)]);
        EmitBefore(first, next);
        touched |= next.Any && format.KeyOf(next.Current).SequenceCompareTo(last) <= 0;
        _last = last;
        if (!touched && (!_parts.IsOpen || format.BeginsPart(first)))
        {
            _parts.PassOn(chunk);
            return;
        }

        while (!plain.IsEmpty)
        {
            int length = format.LengthOf(plain);
            Merge(plain[..length], next);
            plain = plain[length..];
        }

        chunk.Dispose();
    }

    // Whether a part is one of ours: records in strict order, with the borders where their keys put them.
    private bool Validate(ReadOnlySpan<byte> plain, out byte[] last)
    {
        ReadOnlySpan<byte> previous = _last;
        bool touched = false;
        for (bool begins = true; !plain.IsEmpty; begins = false)
        {
            int length = format.LengthOf(plain);
            ReadOnlySpan<byte> record = plain[..length];
            ReadOnlySpan<byte> key = format.KeyOf(record);
            bool wrongBorder = begins ? !previous.IsEmpty && !format.BeginsPart(key) : format.BeginsPart(key);
            if (wrongBorder || previous.SequenceCompareTo(key) >= 0)
            {
                throw RecordFormat.Foreign();
            }

            touched |= filter is not null && filter.Touches(record);
            previous = key;
            plain = plain[length..];
        }

        last = previous.ToArray();
        return touched;
    }

    private void Merge(ReadOnlySpan<byte> record, Additions next)
    {
        ReadOnlySpan<byte> key = format.KeyOf(record);
        EmitBefore(key, next);
        if (filter is not null && filter.Touches(record))
        {
            _rewritten.ResetWrittenCount();
            filter.Rewrite(record, _rewritten);
            record = _rewritten.WrittenSpan;
        }

        if (!next.Any || !format.KeyOf(next.Current).SequenceEqual(key))
        {
            Emit(record);
            return;
        }

        if (record.IsEmpty)
        {
            Emit(next.Current);
        }
        else
        {
            _combined.ResetWrittenCount();
            format.Combine(record, next.Current, _combined);
            Emit(_combined.WrittenSpan);
        }

        next.Move();
    }

    private void EmitBefore(ReadOnlySpan<byte> key, Additions next)
    {
        while (next.Any && format.KeyOf(next.Current).SequenceCompareTo(key) < 0)
        {
            Emit(next.Current);
            next.Move();
        }
    }

    private void Emit(ReadOnlySpan<byte> record)
    {
        if (!record.IsEmpty)
        {
            _parts.Append(record, format.BeginsPart(format.KeyOf(record)));
        }
    }

    private sealed class Additions : IDisposable
    {
        private readonly IEnumerator<ReadOnlyMemory<byte>> _records;

        public Additions(IEnumerable<ReadOnlyMemory<byte>> records)
        {
            _records = records.GetEnumerator();
            Move();
        }

        public bool Any { get; private set; }

        public ReadOnlySpan<byte> Current => _records.Current.Span;

        public void Move() => Any = _records.MoveNext();

        public void Dispose() => _records.Dispose();
    }
}
