using System.Buffers;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>Puts a merged index together from its parts: those that nothing touches are passed on as they are, compressed; others are made anew.</summary>
internal sealed class IndexParts
{
    private readonly Queue<Part> _closed = new();
    private Part? _open;

    /// <summary>Whether a part is being made.</summary>
    public bool IsOpen => _open is not null;

    /// <summary>Passes a whole part on. What follows is added to it, unless it begins a part of its own.</summary>
    public void PassOn(IndexChunk chunk)
    {
        Close();
        _open = new Part(chunk);
    }

    /// <summary>Adds a record.</summary>
    /// <param name="record">Its bytes.</param>
    /// <param name="beginsPart">Whether its key begins a part.</param>
    public void Append(ReadOnlySpan<byte> record, bool beginsPart)
    {
        if (_open is null || beginsPart)
        {
            Close();
            _open = new Part();
        }

        _open.MakeOwn().Write(record);
    }

    /// <summary>Ends the part that is being made.</summary>
    public void Close()
    {
        if (_open is not null)
        {
            _closed.Enqueue(_open);
            _open = null;
        }
    }

    /// <summary>Writes the parts that are whole.</summary>
    public async ValueTask WriteClosedAsync(IndexWriter writer, CancellationToken cancellationToken)
    {
        while (_closed.TryDequeue(out Part? part))
        {
            if (part.Whole is { } chunk)
            {
                await writer.WriteAsync(chunk.Plain, chunk.Encoded, cancellationToken).ConfigureAwait(false);
                if (chunk.Encoded.All(e => e is not null))
                {
                    chunk.Dispose();
                }
            }
            else
            {
                await writer.WriteAsync(part.Own!.WrittenMemory, null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // A part in the making: one that is passed on whole, or one of our own.
    private sealed class Part
    {
        public Part()
        {
        }

        public Part(IndexChunk whole) => Whole = whole;

        public IndexChunk? Whole { get; private set; }

        public ArrayBufferWriter<byte>? Own { get; private set; }

        public ArrayBufferWriter<byte> MakeOwn()
        {
            if (Own is null)
            {
                Own = new ArrayBufferWriter<byte>(256 * 1024);
                if (Whole is not null)
                {
                    Own.Write(Whole.Plain.Span);
                    Whole.Dispose();
                    Whole = null;
                }
            }

            return Own;
        }
    }
}
