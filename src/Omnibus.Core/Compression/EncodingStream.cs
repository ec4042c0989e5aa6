using System.Buffers;

namespace Omnibus.Core.Compression;

/// <summary>A write-only stream over a codec; disposing it writes the end of the compressed data.</summary>
internal sealed class EncodingStream(Stream target, IStreamCodec codec, bool leaveOpen) : WriteOnlyStream
{
    private readonly byte[] _output = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private bool _closed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            codec.Run(buffer, _output, finish: false, out int consumed, out int produced);
            target.Write(_output, 0, produced);
            buffer = buffer[consumed..];
        }
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
            bool ended = false;
            while (!ended)
            {
                ended = codec.Run([], _output, finish: true, out _, out int produced);
                target.Write(_output, 0, produced);
            }
        }
        finally
        {
            codec.Dispose();
            ArrayPool<byte>.Shared.Return(_output);
            if (!leaveOpen)
            {
                target.Dispose();
            }
        }
    }
}
