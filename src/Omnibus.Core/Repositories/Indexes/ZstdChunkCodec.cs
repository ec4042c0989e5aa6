using System.Buffers.Binary;
using Omnibus.Core.Compression;
using Omnibus.Core.Compression.Zstd;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>
/// Each part is a zstd frame (RFC 8878 section 3.1) with its content's length in its header and a checksum. Frames that follow one
/// another are one file for every reader; where one ends is found by walking the headers of its blocks.
/// </summary>
internal sealed class ZstdChunkCodec : ChunkCodec
{
    private const int Level = 10;

    private static ReadOnlySpan<byte> Magic => [0x28, 0xB5, 0x2F, 0xFD];

    public override CompressionKind Kind => CompressionKind.Zstd;

    public override unsafe EncodedChunk Encode(ReadOnlyMemory<byte> plain)
    {
        using ZstdEncoderHandle encoder = ZstdNative.CreateEncoder();
        Check(ZstdNative.SetParameter(encoder, ZstdNative.CompressionLevel, Level));
        Check(ZstdNative.SetParameter(encoder, ZstdNative.ChecksumFlag, 1));
        var output = new byte[plain.Length + (plain.Length / 128) + 1024];
        fixed (byte* from = plain.Span)
        fixed (byte* to = output)
        {
            // The end in the first call, with room for all: the library then knows the length and writes it.
            var input = new ZstdBuffer { Data = from, Size = (nuint)plain.Length };
            var target = new ZstdBuffer { Data = to, Size = (nuint)output.Length };
            nuint left = ZstdNative.Compress(encoder, ref target, ref input, ZstdNative.End);
            Check(left);
            return left == 0 ? new EncodedChunk(output.AsMemory(0, (int)target.Position), plain.Length) : throw new InvalidOperationException("libzstd needs more room than it may.");
        }
    }

    public override async ValueTask<EncodedChunk?> ReadAsync(ChunkSource source, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> head = await source.PeekAsync(18, cancellationToken).ConfigureAwait(false);
        if (head.IsEmpty)
        {
            return null;
        }

        (int headerLength, int plainLength, bool checksum) = ReadFrameHeader(head.Span);
        using var frame = new MemoryStream();
        frame.Write(await source.TakeAsync(headerLength, cancellationToken).ConfigureAwait(false));
        for (bool last = false; !last;)
        {
            byte[] blockHeader = await source.TakeAsync(3, cancellationToken).ConfigureAwait(false);
            int block = blockHeader[0] | (blockHeader[1] << 8) | (blockHeader[2] << 16);
            last = (block & 1) != 0;
            int length = (block >> 1 & 3) == 1 ? 1 : block >> 3;
            if (frame.Length + length > MaximumChunk)
            {
                throw Foreign();
            }

            frame.Write(blockHeader);
            frame.Write(await source.TakeAsync(length, cancellationToken).ConfigureAwait(false));
        }

        if (checksum)
        {
            frame.Write(await source.TakeAsync(4, cancellationToken).ConfigureAwait(false));
        }

        return new EncodedChunk(frame.GetBuffer().AsMemory(0, (int)frame.Length), plainLength);
    }

    public override unsafe void Decode(EncodedChunk chunk, Span<byte> plain)
    {
        using ZstdDecoderHandle decoder = ZstdNative.CreateDecoder();
        fixed (byte* from = chunk.Bytes.Span)
        fixed (byte* to = plain)
        {
            var input = new ZstdBuffer { Data = from, Size = (nuint)chunk.Bytes.Length };
            var output = new ZstdBuffer { Data = to, Size = (nuint)plain.Length };
            nuint result = ZstdNative.Decompress(decoder, ref output, ref input);
            if (ZstdNative.IsError(result) != 0 || result != 0 || output.Position != (nuint)plain.Length)
            {
                throw Damaged();
            }
        }
    }

    private static (int Length, int PlainLength, bool Checksum) ReadFrameHeader(ReadOnlySpan<byte> head)
    {
        if (head.Length < 6 || !head.StartsWith(Magic))
        {
            throw Foreign();
        }

        // Section 3.1.1.1: descriptor, window, dictionary id, content size.
        byte descriptor = head[4];
        bool single = (descriptor & 0x20) != 0;
        int sizeFlag = descriptor >> 6;
        int dictionary = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        int sizeLength = sizeFlag switch { 0 => single ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        int position = 5 + (single ? 0 : 1) + dictionary;
        if (sizeLength == 0 || head.Length < position + sizeLength)
        {
            throw Foreign();
        }

        ReadOnlySpan<byte> size = head[position..];
        ulong plain = sizeLength switch
        {
            1 => size[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(size) + 256u,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(size),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(size),
        };
        return plain <= MaximumChunk ? (position + sizeLength, (int)plain, (descriptor & 4) != 0) : throw Foreign();
    }

    private static void Check(nuint code)
    {
        if (ZstdNative.IsError(code) != 0)
        {
            throw new InvalidOperationException($"libzstd: {ZstdNative.Describe(code)}");
        }
    }
}
