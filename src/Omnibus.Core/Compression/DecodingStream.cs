using System.Buffers;

namespace Omnibus.Core.Compression;

/// <summary>A read-only stream over a codec. Input that ends too early is the codec's error, never a silent end.</summary>
internal sealed class DecodingStream(Stream source, IStreamCodec codec, bool leaveOpen) : ReadOnlyStream
{
    private readonly byte[] _input = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _start;
    private int _end;
    private bool _sourceEnded;
    private bool _ended;
    private bool _closed;

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty && !_ended)
        {
            if (_start == _end && !_sourceEnded)
            {
                Filled(source.Read(_input, 0, _input.Length));
            }

            int produced = Decode(buffer);
            if (produced > 0)
            {
                return produced;
            }
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty && !_ended)
        {
            if (_start == _end && !_sourceEnded)
            {
                Filled(await source.ReadAsync(_input, cancellationToken).ConfigureAwait(false));
            }

            int produced = Decode(buffer.Span);
            if (produced > 0)
            {
                return produced;
            }
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _closed)
        {
            return;
        }

        _closed = true;
        codec.Dispose();
        ArrayPool<byte>.Shared.Return(_input);
        if (!leaveOpen)
        {
            source.Dispose();
        }
    }

    private void Filled(int count)
    {
        _start = 0;
        _end = count;
        _sourceEnded = count == 0;
    }

    private int Decode(Span<byte> buffer)
    {
        _ended = codec.Run(_input.AsSpan(_start, _end - _start), buffer, _sourceEnded, out int consumed, out int produced);
        _start += consumed;
        return produced;
    }
}
