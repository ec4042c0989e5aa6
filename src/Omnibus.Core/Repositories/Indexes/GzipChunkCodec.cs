using System.Buffers.Binary;
using System.IO.Compression;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>
/// Each part is a gzip member whose extra field (RFC 1952 section 2.3.1.1) tells its own length and that of its content. Members
/// that follow one another are one file for every reader (section 2.2). The extra field's id is <c>OM</c>.
/// </summary>
internal sealed class GzipChunkCodec : ChunkCodec
{
    private const int HeaderLength = 10;
    private const int ExtraLength = 4 + 8;
    private const int WholeHeader = HeaderLength + 2 + ExtraLength;

    public override CompressionKind Kind => CompressionKind.Gzip;

    public override EncodedChunk Encode(ReadOnlyMemory<byte> plain)
    {
        using var output = new MemoryStream((plain.Length / 3) + 1024);
        output.Write(stackalloc byte[WholeHeader - HeaderLength]);
        if (plain.IsEmpty)
        {
            // The library writes nothing for nothing: this is an empty block, a checksum and a length of zero (RFC 1952).
            output.Write(stackalloc byte[HeaderLength]);
            output.Write([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        else
        {
            CompressInto(plain.Span, output);
        }

        // The library's header of ten bytes makes room for ours, which has no time and no system in it.
        byte[] bytes = output.GetBuffer();
        int length = (int)output.Length;
        WriteHeader(bytes, length, plain.Length);
        return new EncodedChunk(bytes.AsMemory(0, length), plain.Length);
    }

    private static void CompressInto(ReadOnlySpan<byte> plain, MemoryStream output)
    {
        using var gzip = new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = 6 }, leaveOpen: true);
        gzip.Write(plain);
    }

    public override async ValueTask<EncodedChunk?> ReadAsync(ChunkSource source, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> head = await source.PeekAsync(WholeHeader, cancellationToken).ConfigureAwait(false);
        if (head.IsEmpty)
        {
            return null;
        }

        (int length, int plainLength) = ReadHeader(head.Span);
        return new EncodedChunk(await source.TakeAsync(length, cancellationToken).ConfigureAwait(false), plainLength);
    }

    public override unsafe void Decode(EncodedChunk chunk, Span<byte> plain)
    {
        fixed (byte* bytes = chunk.Bytes.Span)
        {
            using var input = new UnmanagedMemoryStream(bytes, chunk.Bytes.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            Span<byte> beyond = stackalloc byte[1];
            if (gzip.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) != plain.Length || gzip.Read(beyond) != 0)
            {
                throw Damaged();
            }
        }
    }

    private static void WriteHeader(Span<byte> target, int length, int plainLength)
    {
        ReadOnlySpan<byte> head = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255, ExtraLength, 0, (byte)'O', (byte)'M', 8, 0];
        head.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[head.Length..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[(head.Length + 4)..], (uint)plainLength);
    }

    private static (int Length, int PlainLength) ReadHeader(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> start = [0x1F, 0x8B, 8, 4];
        ReadOnlySpan<byte> extra = [ExtraLength, 0, (byte)'O', (byte)'M', 8, 0];
        if (head.Length < WholeHeader || !head.StartsWith(start) || !head[HeaderLength..].StartsWith(extra))
        {
            throw Foreign();
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head[(WholeHeader - 8)..]);
        uint plainLength = BinaryPrimitives.ReadUInt32LittleEndian(head[(WholeHeader - 4)..]);
        return length is > WholeHeader and <= MaximumChunk && plainLength <= MaximumChunk ? ((int)length, (int)plainLength) : throw Foreign();
    }
}
