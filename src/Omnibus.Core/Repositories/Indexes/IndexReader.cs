using System.Buffers;
using System.Runtime.CompilerServices;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>A part of an index that was read. Dispose it to give its memory back.</summary>
/// <param name="plain">Rented memory.</param>
/// <param name="length">Bytes of it that are content.</param>
/// <param name="encoded">Its compressed forms, in the order that the reader was asked for; null where there is none.</param>
internal sealed class IndexChunk(byte[] plain, int length, EncodedChunk?[] encoded) : IDisposable
{
    private byte[]? _plain = plain;

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Plain => _plain.AsMemory(0, length);

    /// <summary>The compressed forms.</summary>
    public IReadOnlyList<EncodedChunk?> Encoded { get; } = encoded;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _plain, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}

/// <summary>Reads a published index part by part, together with the compressed forms of each part, and holds every file against its digest.</summary>
internal sealed class IndexReader : IDisposable
{
    // What costs least to decompress comes first.
    private static readonly CompressionKind[] s_preference = [CompressionKind.Zstd, CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.None];

    private readonly Input _primary;
    private readonly Input?[] _reusable;

    private IndexReader(Input primary, Input?[] reusable)
    {
        _primary = primary;
        _reusable = reusable;
    }

    /// <summary>Opens an index.</summary>
    /// <param name="store">The store.</param>
    /// <param name="published">Its files by compression.</param>
    /// <param name="reused">Compressions whose parts are wanted.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Null when the file is not in the form that this reads: see <see cref="ReadWholeAsync"/>.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryIndexMissing</c>, errors of the store.</exception>
    public static async Task<IndexReader?> OpenAsync(IObjectStore store, IReadOnlyDictionary<CompressionKind, IndexReference> published, IReadOnlyList<CompressionKind> reused, CancellationToken cancellationToken)
    {
        CompressionKind primaryKind = Cheapest(published);
        var inputs = new Dictionary<CompressionKind, Input>();
        try
        {
            foreach (CompressionKind kind in reused.Where(published.ContainsKey).Append(primaryKind).Distinct())
            {
                inputs[kind] = await Input.OpenAsync(store, published[kind], kind, cancellationToken).ConfigureAwait(false);
            }

            bool readable = await inputs[primaryKind].ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
            foreach (CompressionKind kind in inputs.Keys.Where(k => k != primaryKind))
            {
                await inputs[kind].ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
            }

            if (readable)
            {
                var reader = new IndexReader(inputs[primaryKind], [.. reused.Select(k => inputs.GetValueOrDefault(k))]);
                inputs.Clear();
                return reader;
            }

            return null;
        }
        finally
        {
            foreach (Input input in inputs.Values)
            {
                input.Dispose();
            }
        }
    }

    /// <summary>Reads an index of any maker as one stream of bytes, held against its digest at its end.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryIndexMissing</c>, <c>RepositoryIndexMismatch</c>, errors of the store.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadWholeAsync(IObjectStore store, IReadOnlyDictionary<CompressionKind, IndexReference> published, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CompressionKind kind = Cheapest(published);
        IndexReference reference = published[kind];
        ObjectReading reading = await OpenObjectAsync(store, reference, cancellationToken).ConfigureAwait(false);
        await using (reading.ConfigureAwait(false))
        {
            using var hashing = new HashingReadStream(reading.Content);
            using Stream plain = Compressors.Decompress(hashing, kind);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
            try
            {
                int count;
                long plainSize = 0;
                while ((count = await ReadAsync(plain, buffer, reference, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    plainSize += count;
                    if (hashing.BytesRead > reference.Size || plainSize > (reference.PlainSize ?? long.MaxValue))
                    {
                        throw Mismatch(reference);
                    }

                    yield return buffer.AsMemory(0, count);
                }

                while (hashing.BytesRead <= reference.Size && await hashing.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
                {
                    // Whatever follows counts for the digest.
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            if (hashing.BytesRead != reference.Size || hashing.TakeDigest() != reference.Sha256)
            {
                throw Mismatch(reference);
            }
        }
    }

    /// <summary>Reads the next part.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="InvalidDataException">The file was made by another program: read it whole.</exception>
    /// <exception cref="OmnibusException"><c>RepositoryIndexMismatch</c>: a file is not what the pointer says.</exception>
    public async ValueTask<IndexChunk?> ReadAsync(CancellationToken cancellationToken)
    {
        EncodedChunk? chunk = await _primary.ReadAsync(cancellationToken).ConfigureAwait(false);
        var encoded = new EncodedChunk?[_reusable.Length];
        for (int i = 0; i < encoded.Length; i++)
        {
            encoded[i] = ReferenceEquals(_reusable[i], _primary) ? chunk
                : _reusable[i] is { } other ? await other.ReadMatchingAsync(chunk, cancellationToken).ConfigureAwait(false)
                : null;
        }

        if (chunk is null)
        {
            await _primary.VerifyAsync(cancellationToken).ConfigureAwait(false);
            foreach (Input? other in _reusable)
            {
                if (other is not null && !ReferenceEquals(other, _primary))
                {
                    await other.VerifyAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            return null;
        }

        byte[] plain = ArrayPool<byte>.Shared.Rent(Math.Max(1, chunk.PlainLength));
        _primary.Codec.Decode(chunk, plain.AsSpan(0, chunk.PlainLength));
        return new IndexChunk(plain, chunk.PlainLength, encoded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _primary.Dispose();
        foreach (Input? other in _reusable)
        {
            other?.Dispose();
        }
    }

    /// <summary>The error of an index that is not what the pointer says.</summary>
    public static OmnibusException Mismatch(IndexReference reference) => new(
        "RepositoryIndexMismatch",
        ErrorKind.Security,
        $"{reference.Key} is not what the repository's signed pointer says ({reference.Size} bytes, sha256 {reference.Sha256}).",
        reference.Key,
        "The file was damaged or changed after it was published. Restore it from a backup or a checkpoint, or publish the packages anew.");

    private static CompressionKind Cheapest(IReadOnlyDictionary<CompressionKind, IndexReference> published) => s_preference.First(published.ContainsKey);

    private static async ValueTask<int> ReadAsync(Stream plain, byte[] buffer, IndexReference reference, CancellationToken cancellationToken)
    {
        try
        {
            return await plain.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "CompressedDataInvalid")
        {
            throw Mismatch(reference);
        }
    }

    private static async Task<ObjectReading> OpenObjectAsync(IObjectStore store, IndexReference reference, CancellationToken cancellationToken) =>
        await store.OpenReadAsync(reference.Key, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "RepositoryIndexMissing",
            ErrorKind.InvalidData,
            $"{store.Location}: the index {reference.Key} is named by the repository's pointer, but is not there.",
            reference.Key,
            "Restore it from a backup, or return to a checkpoint with Restore-Repository.");

    private sealed class Input(ChunkCodec codec, ChunkSource source, IndexReference reference) : IDisposable
    {
        private bool _usable = true;

        public ChunkCodec Codec => codec;

        public static async Task<Input> OpenAsync(IObjectStore store, IndexReference reference, CompressionKind kind, CancellationToken cancellationToken)
        {
            ObjectReading reading = await OpenObjectAsync(store, reference, cancellationToken).ConfigureAwait(false);
            return new Input(ChunkCodec.For(kind), new ChunkSource(reading.Content), reference);
        }

        public async ValueTask<bool> ReadHeaderAsync(CancellationToken cancellationToken) =>
            _usable = await codec.ReadHeaderAsync(source, cancellationToken).ConfigureAwait(false);

        public ValueTask<EncodedChunk?> ReadAsync(CancellationToken cancellationToken) => codec.ReadAsync(source, cancellationToken);

        // Parts correspond when the lengths of all parts so far do: both files hold the same content.
        public async ValueTask<EncodedChunk?> ReadMatchingAsync(EncodedChunk? primary, CancellationToken cancellationToken)
        {
            if (!_usable)
            {
                return null;
            }

            try
            {
                EncodedChunk? chunk = await ReadAsync(cancellationToken).ConfigureAwait(false);
                _usable = chunk?.PlainLength == primary?.PlainLength;
                return _usable ? chunk : null;
            }
            catch (InvalidDataException)
            {
                _usable = false;
                return null;
            }
        }

        public async ValueTask VerifyAsync(CancellationToken cancellationToken)
        {
            await source.DrainAsync(cancellationToken).ConfigureAwait(false);
            if (source.Length != reference.Size || source.TakeDigest() != reference.Sha256)
            {
                throw Mismatch(reference);
            }
        }

        public void Dispose() => source.Dispose();
    }
}
