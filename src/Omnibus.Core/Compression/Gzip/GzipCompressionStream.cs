namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// Writes gzip members (RFC 1952) without time stamp and file name, on all cores: pieces of fixed size are compressed at the same time and
/// written in order. The bytes do not depend on the number of cores.
/// </summary>
internal sealed class GzipCompressionStream(Stream target, int level, bool leaveOpen, CancellationToken cancellationToken) : WriteOnlyStream
{
    private readonly int _limit = Environment.ProcessorCount + 1;
    private readonly Queue<(GzipMember Member, Task Work)> _running = new();
    private readonly Stack<GzipMember> _free = new();
    private GzipMember _current = new(level);
    private bool _closed;

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
            if (!cancellationToken.IsCancellationRequested)
            {
                // The last member is compressed here: a small file needs no second thread.
                _current.Compress();
                while (_running.Count > 0)
                {
                    WriteOldest();
                }

                target.Write(_current.Output.Span);
            }
        }
        finally
        {
            while (_running.TryDequeue(out (GzipMember Member, Task Work) left))
            {
                // Its thread may still use the compressor: wait, then let go.
                ((IAsyncResult)left.Work).AsyncWaitHandle.WaitOne();
                left.Member.Dispose();
            }

            _current.Dispose();
            while (_free.TryPop(out GzipMember? free))
            {
                free.Dispose();
            }

            if (!leaveOpen)
            {
                target.Dispose();
            }
        }
    }

    private void Start()
    {
        if (_running.Count == _limit)
        {
            WriteOldest();
        }

        GzipMember full = _current;
        _running.Enqueue((full, Task.Run(full.Compress)));
        _current = _free.Count > 0 ? _free.Pop() : new GzipMember(level);
        _current.Clear();
    }

    private void WriteOldest()
    {
        (GzipMember member, Task work) = _running.Peek();
        work.GetAwaiter().GetResult();
        target.Write(member.Output.Span);
        _running.Dequeue();
        _free.Push(member);
    }
}
