using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>The head of a request or an answer, as it was on the wire.</summary>
internal sealed class HttpHead
{
    public HttpHead(byte[] bytes)
    {
        Bytes = bytes;
        string[] lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        string[] first = lines[0].Split(' ', 3);
        Method = first[0];
        Target = first.Length > 1 ? first[1] : string.Empty;
        Status = first[0].StartsWith("HTTP/", StringComparison.Ordinal) && int.TryParse(Target, out int status) ? status : 0;
        foreach (string[] header in lines.Skip(1).Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2))
        {
            string value = header[1].Trim();
            switch (header[0].ToLowerInvariant())
            {
                case "content-length": Length = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "transfer-encoding": Chunked = value.Contains("chunked", StringComparison.OrdinalIgnoreCase); break;
                case "connection": Closes = value.Contains("close", StringComparison.OrdinalIgnoreCase); break;
                case "expect": ExpectsContinue = value.Contains("100-continue", StringComparison.OrdinalIgnoreCase); break;
            }
        }
    }

    public byte[] Bytes { get; }

    public string Method { get; }

    public string Target { get; }

    public int Status { get; }

    public long Length { get; }

    public bool Chunked { get; }

    public bool Closes { get; }

    public bool ExpectsContinue { get; }
}

/// <summary>One side of a proxied connection.</summary>
internal sealed class HttpWire(Socket socket)
{
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;

    public Socket Socket => socket;

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, stop)..];
        }
    }

    /// <summary>Reads a head with its empty line; null at an orderly end.</summary>
    public async Task<HttpHead?> ReadHeadAsync(CancellationToken stop)
    {
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                byte[] head = _buffer.AsSpan(_start, end + 4).ToArray();
                _start += end + 4;
                return new HttpHead(head);
            }

            if (!await FillAsync(stop))
            {
                return null;
            }
        }
    }

    /// <summary>Passes a body on, up to a number of bytes; a chunked body always whole.</summary>
    public async Task CopyBodyAsync(HttpHead head, HttpWire? target, long count, CancellationToken stop)
    {
        if (!head.Chunked)
        {
            await CopyAsync(count, target, stop);
            return;
        }

        while (true)
        {
            string line = await ReadLineAsync(target, stop);
            long size = long.Parse(line.Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await CopyAsync(size + 2, target, stop);
            if (size == 0)
            {
                return;
            }
        }
    }

    private async Task<string> ReadLineAsync(HttpWire? target, CancellationToken stop)
    {
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                string line = Encoding.ASCII.GetString(_buffer, _start, end);
                await CopyAsync(end + 2, target, stop);
                return line;
            }

            if (!await FillAsync(stop))
            {
                throw new IOException("The connection ended in a body.");
            }
        }
    }

    private async Task CopyAsync(long count, HttpWire? target, CancellationToken stop)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync(stop))
            {
                throw new IOException("The connection ended in a body.");
            }

            int part = (int)Math.Min(count, _end - _start);
            if (target is not null)
            {
                await target.WriteAsync(_buffer.AsMemory(_start, part), stop);
            }

            _start += part;
            count -= part;
        }
    }

    private async Task<bool> FillAsync(CancellationToken stop)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            if (_start == 0)
            {
                throw new InvalidDataException("A head is too long.");
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int count = await socket.ReceiveAsync(_buffer.AsMemory(_end), stop);
        _end += count;
        return count > 0;
    }
}
