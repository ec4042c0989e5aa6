using System.Security.Cryptography;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>Passes bytes through and keeps their number and SHA-256.</summary>
internal sealed class HashingReadStream(Stream source) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes that were read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The digest, lower-case hex. Once.</summary>
    public string TakeDigest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public override int Read(Span<byte> buffer)
    {
        int count = source.Read(buffer);
        Count(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        BytesRead += bytes.Length;
    }
}
