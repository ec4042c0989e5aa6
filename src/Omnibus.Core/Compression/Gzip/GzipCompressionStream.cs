using System.Buffers.Binary;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// Writes one gzip member (RFC 1952) without time stamp and file name, on all cores: pieces of fixed size are deflated at the same time
/// and written in order. Any gzip reader takes it, and the bytes do not depend on the number of cores.
/// </summary>
internal sealed class GzipCompressionStream : WriteOnlyStream
{
    private readonly Stream _target;
    private readonly int _level;
    private readonly bool _leaveOpen;
    private readonly int _limit = Environment.ProcessorCount + 1;
    private readonly Queue<(GzipBlock Block, Task Work)> _running = new();
    private readonly Stack<GzipBlock> _free = new();
    private GzipBlock _current = new();
    private uint _crc;
    private uint _length;
    private bool _closed;

    public GzipCompressionStream(Stream target, int level, bool leaveOpen)
    {
        _target = target;
        _level = LibraryLevel(level);
        _leaveOpen = leaveOpen;

        // Deflate, no flags, no time; extra flags as gzip sets them; "Unix".
        byte extra = (byte)(level == 9 ? 2 : level == 1 ? 4 : 0);
        _target.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, extra, 3]);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            if (_current.Room == 0)
            {
                Start();
            }

            int count = Math.Min(buffer.Length, _current.Room);
            _current.Append(buffer[..count]);
            buffer = buffer[count..];
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
            Task last = Task.Run(() => _current.Compress(_level, last: true));
            while (_running.Count > 0)
            {
                WriteOldest();
            }

            WriteOut(_current, last);
            Span<byte> trailer = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc);
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _length);
            _target.Write(trailer);
        }
        finally
        {
            if (!_leaveOpen)
            {
                _target.Dispose();
            }
        }
    }

    // zlib-ng, which .NET brings, packs about 1.3 % worse at level 6 than the zlib of dpkg and rpm; its level 7 is on a par and still faster.
    // Its level 8 is slower than 9 and packs worse. With the older zlib the differences are below 0.2 %.
    private static int LibraryLevel(int level) => level switch
    {
        6 => 7,
        8 => 9,
        _ => level,
    };

    private void Start()
    {
        GzipBlock block = _current;
        if (_running.Count == _limit)
        {
            WriteOldest();
        }

        GzipBlock next = _free.Count > 0 ? _free.Pop() : new GzipBlock();
        next.Reset(block);
        _running.Enqueue((block, Task.Run(() => block.Compress(_level, last: false))));
        _current = next;
    }

    private void WriteOldest()
    {
        (GzipBlock block, Task work) = _running.Dequeue();
        WriteOut(block, work);
        _free.Push(block);
    }

    private void WriteOut(GzipBlock block, Task work)
    {
        work.GetAwaiter().GetResult();
        _target.Write(block.Output.Span);
        _crc = Crc32Combination.Combine(_crc, block.Crc, block.Length);
        _length = unchecked(_length + (uint)block.Length);
    }
}
