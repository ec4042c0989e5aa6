using System.Buffers;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Merges additions and removals into one list of packages: parts that nothing touches are passed on as they are, compressed.</summary>
internal sealed class PackageElementMerge
{
    private readonly YumIndexKind _kind;
    private readonly IReadOnlySet<UInt128> _removals;
    private readonly List<byte[]> _additions;
    private readonly long _packages;
    private int _next;
    private byte[] _last = [];
    private IndexChunk? _openChunk;
    private ArrayBufferWriter<byte>? _openOwn;

    /// <summary>Prepares a merge.</summary>
    /// <param name="kind">Which list.</param>
    /// <param name="additions">Elements to add; none of them is published.</param>
    /// <param name="removals">Keys of the packages to take out.</param>
    /// <param name="packages">Number of packages in the merged list.</param>
    public PackageElementMerge(YumIndexKind kind, IEnumerable<byte[]> additions, IReadOnlySet<UInt128> removals, long packages)
    {
        _kind = kind;
        _removals = removals;
        _packages = packages;
        _additions = [.. additions];
        _additions.Sort(static (a, b) => PackageElementKey.Of(a).CompareTo(PackageElementKey.Of(b)));
    }

    /// <summary>Merges with a list that this wrote.</summary>
    /// <exception cref="InvalidDataException">It was written by another program: use <see cref="RunForeignAsync"/>.</exception>
    public async Task RunAsync(IndexReader? reader, IndexWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(_kind.Prolog(_packages), null, cancellationToken).ConfigureAwait(false);
        int frame = 0;
        while (reader is not null && await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } chunk)
        {
            // The frame stands in parts of its own: before the first package and after the last.
            if (chunk.Plain.Span.StartsWith("<package "u8) && frame == 1)
            {
                await TakeAsync(chunk, writer, cancellationToken).ConfigureAwait(false);
                continue;
            }

            bool expected = frame == 0 ? chunk.Plain.Span.StartsWith("<?xml"u8) && chunk.Plain.Span.IndexOf("<package "u8) < 0 : frame == 1 && chunk.Plain.Span.SequenceEqual(_kind.Epilog);
            chunk.Dispose();
            frame += expected ? 1 : throw NotOurs();
        }

        if (reader is not null && frame != 2)
        {
            throw NotOurs();
        }

        await FinishAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Merges with a list of another maker, in any order.</summary>
    /// <param name="elements">Its elements.</param>
    /// <param name="writer">Takes the merged list.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunForeignAsync(List<byte[]> elements, IndexWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(_kind.Prolog(_packages), null, cancellationToken).ConfigureAwait(false);
        elements.Sort(static (a, b) => PackageElementKey.Of(a).CompareTo(PackageElementKey.Of(b)));
        for (int i = 0; i < elements.Count; i++)
        {
            // The first of several with one key counts.
            if (i == 0 || PackageElementKey.Of(elements[i - 1]).CompareTo(PackageElementKey.Of(elements[i])) != 0)
            {
                await MergeAsync(elements[i], writer, cancellationToken).ConfigureAwait(false);
            }
        }

        await FinishAsync(writer, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask FinishAsync(IndexWriter writer, CancellationToken cancellationToken)
    {
        while (_next < _additions.Count)
        {
            await EmitAsync(_additions[_next++], writer, cancellationToken).ConfigureAwait(false);
        }

        await CloseAsync(writer, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(_kind.Epilog, null, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TakeAsync(IndexChunk chunk, IndexWriter writer, CancellationToken cancellationToken)
    {
        (bool touched, bool begins) = Validate(chunk.Plain.Span);
        await EmitAdditionsBeforeAsync(FirstOf(chunk), writer, cancellationToken).ConfigureAwait(false);
        if (!touched && ((_openChunk is null && _openOwn is null) || begins))
        {
            await CloseAsync(writer, cancellationToken).ConfigureAwait(false);
            _openChunk = chunk;
            return;
        }

        for (int start = 0; start < chunk.Plain.Length;)
        {
            int length = ElementLength(chunk.Plain.Span[start..]);
            await MergeAsync(chunk.Plain.Slice(start, length), writer, cancellationToken).ConfigureAwait(false);
            start += length;
        }

        chunk.Dispose();
    }

    private static ReadOnlyMemory<byte> FirstOf(IndexChunk chunk) => chunk.Plain[..ElementLength(chunk.Plain.Span)];

    private static int ElementLength(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> end = "</package>\n"u8;
        int length = bytes.IndexOf(end);
        return length < 0 ? throw NotOurs() : length + end.Length;
    }

    // Whether a part is one of ours: whole elements in strict order, with the borders where their keys put them.
    private (bool Touched, bool Begins) Validate(ReadOnlySpan<byte> plain)
    {
        bool touched = false;
        bool first = true;
        bool begins = false;
        ReadOnlySpan<byte> previous = _last;
        while (!plain.IsEmpty)
        {
            int length = ElementLength(plain);
            ReadOnlySpan<byte> element = plain[..length];
            PackageElementKey key = PackageElementKey.Of(element);
            bool wrongBorder = first ? !previous.IsEmpty && !key.BeginsChunk : key.BeginsChunk;
            if (!key.IsComplete || wrongBorder || (!previous.IsEmpty && PackageElementKey.Of(previous).CompareTo(key) >= 0))
            {
                throw NotOurs();
            }

            begins = first ? key.BeginsChunk : begins;
            first = false;
            touched |= _removals.Count > 0 && _removals.Contains(key.Hash);
            previous = element;
            plain = plain[length..];
        }

        // Additions that lie within the part; those before it are written first.
        touched |= _next < _additions.Count && HasAdditionWithin(previous);
        _last = previous.ToArray();
        return (touched, begins);
    }

    private bool HasAdditionWithin(ReadOnlySpan<byte> last) => PackageElementKey.Of(_additions[_next]).CompareTo(PackageElementKey.Of(last)) < 0;

    private async ValueTask MergeAsync(ReadOnlyMemory<byte> element, IndexWriter writer, CancellationToken cancellationToken)
    {
        await EmitAdditionsBeforeAsync(element, writer, cancellationToken).ConfigureAwait(false);
        if (_removals.Count == 0 || !_removals.Contains(PackageElementKey.Of(element.Span).Hash))
        {
            await EmitAsync(element, writer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask EmitAdditionsBeforeAsync(ReadOnlyMemory<byte> element, IndexWriter writer, CancellationToken cancellationToken)
    {
        while (_next < _additions.Count && PackageElementKey.Of(_additions[_next]).CompareTo(PackageElementKey.Of(element.Span)) <= 0)
        {
            await EmitAsync(_additions[_next++], writer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask EmitAsync(ReadOnlyMemory<byte> element, IndexWriter writer, CancellationToken cancellationToken)
    {
        if (PackageElementKey.Of(element.Span).BeginsChunk)
        {
            await CloseAsync(writer, cancellationToken).ConfigureAwait(false);
        }

        if (_openOwn is null)
        {
            _openOwn = new ArrayBufferWriter<byte>(128 * 1024);
            if (_openChunk is not null)
            {
                _openOwn.Write(_openChunk.Plain.Span);
                _openChunk.Dispose();
                _openChunk = null;
            }
        }

        _openOwn.Write(element.Span);
    }

    private async ValueTask CloseAsync(IndexWriter writer, CancellationToken cancellationToken)
    {
        if (_openChunk is { } chunk)
        {
            _openChunk = null;
            await writer.WriteAsync(chunk.Plain, chunk.Encoded, cancellationToken).ConfigureAwait(false);
            if (chunk.Encoded.All(e => e is not null))
            {
                chunk.Dispose();
            }
        }
        else if (_openOwn is { } own)
        {
            _openOwn = null;
            await writer.WriteAsync(own.WrittenMemory, null, cancellationToken).ConfigureAwait(false);
        }
    }

    private static InvalidDataException NotOurs() => new("The index was written by another program.");
}
