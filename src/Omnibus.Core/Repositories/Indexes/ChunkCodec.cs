using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>A part of an index, compressed by itself, that can be copied from one generation of a file to the next.</summary>
/// <param name="Bytes">Its compressed form, exactly.</param>
/// <param name="PlainLength">Bytes of what it stands for.</param>
internal sealed record EncodedChunk(ReadOnlyMemory<byte> Bytes, int PlainLength);

/// <summary>
/// Writes and reads a compressed file as a row of parts that can be told apart and copied without decompressing: gzip members, the
/// blocks of one xz stream, zstd frames. All of them are ordinary files for every reader. A publication that changes one package
/// compresses one part and copies the others.
/// </summary>
internal abstract class ChunkCodec
{
    /// <summary>The greatest part that is read: far above what the writer makes, so that a hostile file cannot ask for memory.</summary>
    public const int MaximumChunk = 256 * 1024 * 1024;

    /// <summary>Which compressor.</summary>
    public abstract CompressionKind Kind { get; }

    /// <summary>What precedes the first part.</summary>
    public virtual ReadOnlyMemory<byte> Header => default;

    /// <summary>What follows the last part.</summary>
    public virtual byte[] Trailer(IReadOnlyList<EncodedChunk> parts) => [];

    /// <summary>Compresses a part.</summary>
    public abstract EncodedChunk Encode(ReadOnlyMemory<byte> plain);

    /// <summary>Reads what precedes the first part.</summary>
    /// <returns>False when the file is not in this form.</returns>
    public virtual ValueTask<bool> ReadHeaderAsync(ChunkSource source, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>Reads the next part without decompressing it.</summary>
    /// <returns>Null at the end of the file.</returns>
    /// <exception cref="InvalidDataException">The file is not a row of such parts: it was made by another program.</exception>
    public abstract ValueTask<EncodedChunk?> ReadAsync(ChunkSource source, CancellationToken cancellationToken);

    /// <summary>Decompresses a part.</summary>
    /// <param name="chunk">The part.</param>
    /// <param name="plain">Room of exactly its length.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public abstract void Decode(EncodedChunk chunk, Span<byte> plain);

    /// <summary>The codec of a compressor.</summary>
    public static ChunkCodec For(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => new GzipChunkCodec(),
        CompressionKind.Xz => new XzChunkCodec(),
        CompressionKind.Zstd => new ZstdChunkCodec(),
        _ => new PlainChunkCodec(),
    };

    /// <summary>The error of a file in another form.</summary>
    protected static InvalidDataException Foreign() => new("The file is no row of parts.");

    /// <summary>The error of a part that does not decompress to what it should be.</summary>
    protected static InvalidDataException Damaged() => new("A part of the file is damaged.");
}
