using System.Security.Cryptography;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>Reads a file once, in order, with a look ahead, and keeps its length and digest.</summary>
internal sealed class ChunkSource(Stream stream) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    /// <summary>Bytes that were read from the file.</summary>
    public long Length { get; private set; }

    /// <summary>The bytes at hand, at most a number; fewer only at the end of the file.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        if (_end - _start < count)
        {
            await FillAsync(count, cancellationToken).ConfigureAwait(false);
        }

        return _buffer.AsMemory(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Takes exactly a number of bytes.</summary>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public async ValueTask<byte[]> TakeAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(count);
        int done = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, done).CopyTo(bytes);
        _start += done;
        while (done < count)
        {
            int read = await stream.ReadAsync(bytes.AsMemory(done), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new InvalidDataException("The file is cut short.");
            }

            Count(bytes.AsSpan(done, read));
            done += read;
        }

        return bytes;
    }

    /// <summary>Passes over bytes that were peeked at.</summary>
    public void Skip(int count) => _start += count;

    /// <summary>Reads what is left, so that length and digest are those of the whole file.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        do
        {
            _start = _end;
        }
        while (await FillAsync(1, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The digest of what was read, lower-case hex. Once.</summary>
    public string TakeDigest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        stream.Dispose();
    }

    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        if (_buffer.Length - _start < count)
        {
            byte[] target = count > _buffer.Length ? new byte[count] : _buffer;
            Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
            (_buffer, _end, _start) = (target, _end - _start, 0);
        }
        else if (_start == _end)
        {
            _start = _end = 0;
        }

        bool any = false;
        while (_end - _start < count)
        {
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return any;
            }

            Count(_buffer.AsSpan(_end, read));
            _end += read;
            any = true;
        }

        return true;
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }
}
