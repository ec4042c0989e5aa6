namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// Writes gzip members (RFC 1952) without time stamp and file name, on all cores: pieces of fixed size are compressed at the same time and
/// written in order. The bytes do not depend on the number of cores.
/// </summary>
internal sealed class GzipCompressionStream : WriteOnlyStream
{
    private readonly Stream _target;
    private readonly int _level;
    private readonly bool _leaveOpen;
    private readonly CancellationToken _cancellationToken;
    private readonly OrderedPieces<GzipMember> _running;
    private readonly Stack<GzipMember> _free = new();
    private GzipMember _current;
    private bool _closed;

    public GzipCompressionStream(Stream target, int level, bool leaveOpen, CancellationToken cancellationToken)
    {
        _target = target;
        _level = level;
        _leaveOpen = leaveOpen;
        _cancellationToken = cancellationToken;
        _running = new OrderedPieces<GzipMember>(Environment.ProcessorCount + 1, WriteOut);
        _current = new GzipMember(level);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            int count = _current.Append(buffer);
            buffer = buffer[count..];
            if (!buffer.IsEmpty)
            {
                Start();
            }
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
            if (!_cancellationToken.IsCancellationRequested)
            {
                // The last member is compressed here: a small file needs no second thread.
                _current.Compress();
                _running.WriteAll();
                _target.Write(_current.Output.Span);
            }
        }
        finally
        {
            _running.Dispose();
            _current.Dispose();
            while (_free.TryPop(out GzipMember? free))
            {
                free.Dispose();
            }

            if (!_leaveOpen)
            {
                _target.Dispose();
            }
        }
    }

    private void Start()
    {
        GzipMember full = _current;
        _running.Add(full, full.Compress);
        _current = _free.Count > 0 ? _free.Pop() : new GzipMember(_level);
        _current.Clear();
    }

    private void WriteOut(GzipMember member)
    {
        _target.Write(member.Output.Span);
        _free.Push(member);
    }
}
