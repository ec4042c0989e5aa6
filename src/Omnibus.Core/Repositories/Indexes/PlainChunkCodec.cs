using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>No compression: parts cannot be told apart, and copying them would save nothing.</summary>
internal sealed class PlainChunkCodec : ChunkCodec
{
    public override CompressionKind Kind => CompressionKind.None;

    public override EncodedChunk Encode(ReadOnlyMemory<byte> plain) => new(plain, plain.Length);

    public override ValueTask<bool> ReadHeaderAsync(ChunkSource source, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public override ValueTask<EncodedChunk?> ReadAsync(ChunkSource source, CancellationToken cancellationToken) => throw Foreign();

    public override void Decode(EncodedChunk chunk, Span<byte> plain) => chunk.Bytes.Span.CopyTo(plain);
}
