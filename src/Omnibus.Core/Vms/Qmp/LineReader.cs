using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Qmp;

/// <summary>Reads lines of bytes from a stream and refuses one that is longer than allowed, before it fills the memory.</summary>
internal sealed class LineReader(Stream stream, int limit)
{
    private byte[] _buffer = new byte[Math.Min(limit, 8192)];
    private int _start;
    private int _end;

    /// <summary>The next line without its line ending, or null at the end of the stream.</summary>
    /// <exception cref="OmnibusException"><c>QmpMessageTooLong</c>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        int scanned = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (found >= 0)
            {
                int length = scanned + found;
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return line.Length > 0 && line.Span[^1] == (byte)'\r' ? line[..^1] : line;
            }

            scanned = _end - _start;
            MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                // What stands before a broken connection is no whole message.
                return null;
            }

            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_buffer.Length >= limit)
        {
            throw new OmnibusException("QmpMessageTooLong", ErrorKind.Connection, $"QEMU sent a message of more than {limit} bytes.");
        }

        Array.Resize(ref _buffer, (int)Math.Min(limit, (long)_buffer.Length * 2));
    }
}
