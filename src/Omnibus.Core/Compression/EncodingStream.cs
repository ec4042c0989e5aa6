using System.Buffers;

namespace Omnibus.Core.Compression;

/// <summary>A write-only stream over a codec; disposing it writes the end of the compressed data.</summary>
internal sealed class EncodingStream(Stream target, IStreamCodec codec, bool leaveOpen, CancellationToken cancellationToken) : WriteOnlyStream
{
    // Small writes are gathered: a call into the library costs more than a copy.
    private readonly byte[] _input = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private readonly byte[] _output = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _pending;
    private bool _closed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (buffer.Length > _input.Length - _pending)
        {
            Encode(_input.AsSpan(0, _pending));
            _pending = 0;
        }

        if (buffer.Length >= _input.Length)
        {
            Encode(buffer);
            return;
        }

        buffer.CopyTo(_input.AsSpan(_pending));
        _pending += buffer.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _closed)
        {
            return;
        }

        _closed = true;
        try
        {
            bool ended = cancellationToken.IsCancellationRequested;
            if (!ended)
            {
                Encode(_input.AsSpan(0, _pending));
            }

            while (!ended)
            {
                ended = codec.Run([], _output, finish: true, out _, out int produced);
                Send(produced);
            }
        }
        finally
        {
            codec.Dispose();
            ArrayPool<byte>.Shared.Return(_input);
            ArrayPool<byte>.Shared.Return(_output);
            if (!leaveOpen)
            {
                target.Dispose();
            }
        }
    }

    private void Encode(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            codec.Run(buffer, _output, finish: false, out int consumed, out int produced);
            Send(produced);
            buffer = buffer[consumed..];
        }
    }

    private void Send(int produced)
    {
        if (produced > 0)
        {
            target.Write(_output, 0, produced);
        }
    }
}
