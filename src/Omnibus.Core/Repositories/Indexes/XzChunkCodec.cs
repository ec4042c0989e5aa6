using System.Buffers.Binary;
using System.IO.Hashing;
using Omnibus.Core.Compression;
using Omnibus.Core.Compression.Xz;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>
/// Each part is a block of one xz stream (the .xz file format 1.1.0, section 3): its header tells both lengths, and the index at the
/// end is made anew. Streams that follow one another would be simpler, but apt reads only the first of them (measured with apt 2.6).
/// </summary>
internal sealed class XzChunkCodec : ChunkCodec
{
    private const int CheckLength = 8;
    private const int SmallestDictionary = 64 * 1024;
    private const int LargestDictionary = 8 * 1024 * 1024;
    private const uint Preset = 6;

    // Magic number, flags (CRC64) and their CRC32 (section 2.1.1).
    private static readonly byte[] s_header = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x04, 0xE6, 0xD6, 0xB4, 0x46];

    public override CompressionKind Kind => CompressionKind.Xz;

    public override ReadOnlyMemory<byte> Header => s_header;

    public override byte[] Trailer(IReadOnlyList<EncodedChunk> parts)
    {
        // A stream without blocks is a whole file; a block without content is not.
        List<EncodedChunk> chunks = [.. parts.Where(p => p.PlainLength > 0)];
        using var index = new MemoryStream();
        index.WriteByte(0);
        WriteNumber(index, (ulong)chunks.Count);
        foreach (EncodedChunk chunk in chunks)
        {
            WriteNumber(index, (ulong)UnpaddedLength(chunk));
            WriteNumber(index, (ulong)chunk.PlainLength);
        }

        while (index.Length % 4 != 0)
        {
            index.WriteByte(0);
        }

        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, Crc32Of(index.GetBuffer().AsSpan(0, (int)index.Length)));
        index.Write(number);

        // Footer: CRC32 of the six bytes that follow it, backward size, flags, magic (section 2.1.2).
        Span<byte> footer = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(footer[4..], (uint)((index.Length / 4) - 1));
        footer[9] = 4;
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32Of(footer.Slice(4, 6)));
        footer[10] = (byte)'Y';
        footer[11] = (byte)'Z';
        index.Write(footer);
        return index.ToArray();
    }

    public override unsafe EncodedChunk Encode(ReadOnlyMemory<byte> plain)
    {
        if (plain.IsEmpty)
        {
            return new EncodedChunk(default, 0);
        }

        if (LzmaNative.LzmaPreset(out LzmaOptions options, Preset) != 0)
        {
            throw new InvalidOperationException("liblzma does not know its own preset.");
        }

        // A dictionary beyond the content only costs memory.
        uint size = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)plain.Length);
        options.DictionarySize = Math.Clamp(size, SmallestDictionary, LargestDictionary);
        LzmaFilter* filters = stackalloc LzmaFilter[2];
        filters[0] = new LzmaFilter { Id = LzmaNative.FilterLzma2, Options = &options };
        filters[1] = new LzmaFilter { Id = LzmaNative.FilterEnd };
        var output = new byte[plain.Length + (plain.Length / 4) + 4096];
        nuint length = 0;
        LzmaResult result;
        fixed (byte* from = plain.Span)
        fixed (byte* to = output)
        {
            result = LzmaNative.StreamBufferEncode(filters, LzmaNative.CheckCrc64, null, from, (nuint)plain.Length, to, &length, (nuint)output.Length);
        }

        if (result != LzmaResult.Ok)
        {
            throw new InvalidOperationException($"liblzma could not compress ({result}).");
        }

        // Between header and index lies exactly one block.
        uint backward = BinaryPrimitives.ReadUInt32LittleEndian(output.AsSpan((int)length - 8));
        int end = (int)length - s_header.Length - (((int)backward + 1) * 4);
        return new EncodedChunk(output.AsMemory(s_header.Length, end - s_header.Length), plain.Length);
    }

    public override async ValueTask<bool> ReadHeaderAsync(ChunkSource source, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> head = await source.PeekAsync(s_header.Length, cancellationToken).ConfigureAwait(false);
        if (!head.Span.SequenceEqual(s_header))
        {
            return false;
        }

        source.Skip(s_header.Length);
        return true;
    }

    public override async ValueTask<EncodedChunk?> ReadAsync(ChunkSource source, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> head = await source.PeekAsync(32, cancellationToken).ConfigureAwait(false);
        if (head.IsEmpty)
        {
            throw Foreign();
        }

        if (head.Span[0] == 0)
        {
            return null;
        }

        (int length, int plainLength) = ReadBlockHeader(head.Span);
        return new EncodedChunk(await source.TakeAsync(length, cancellationToken).ConfigureAwait(false), plainLength);
    }

    public override unsafe void Decode(EncodedChunk chunk, Span<byte> plain)
    {
        if (plain.IsEmpty)
        {
            return;
        }

        // A stream of this one block.
        byte[] trailer = Trailer([chunk]);
        var stream = new byte[s_header.Length + chunk.Bytes.Length + trailer.Length];
        s_header.CopyTo(stream, 0);
        chunk.Bytes.Span.CopyTo(stream.AsSpan(s_header.Length));
        trailer.CopyTo(stream, s_header.Length + chunk.Bytes.Length);
        ulong memory = 256 * 1024 * 1024;
        nuint consumed = 0;
        nuint produced = 0;
        LzmaResult result;
        fixed (byte* from = stream)
        fixed (byte* to = plain)
        {
            result = LzmaNative.StreamBufferDecode(&memory, 0, null, from, &consumed, (nuint)stream.Length, to, &produced, (nuint)plain.Length);
        }

        if (result != LzmaResult.Ok || produced != (nuint)plain.Length)
        {
            throw Damaged();
        }
    }

    private static (int Length, int PlainLength) ReadBlockHeader(ReadOnlySpan<byte> head)
    {
        // Section 3.1: size of the header, flags (both lengths there, one filter), lengths.
        const int BothLengths = 0xC0;
        int headerLength = (head[0] + 1) * 4;
        if (head.Length < 24 || head[1] != BothLengths)
        {
            throw Foreign();
        }

        int position = 2;
        ulong compressed = ReadNumber(head, ref position);
        ulong plain = ReadNumber(head, ref position);
        if (compressed is 0 or > MaximumChunk || plain > MaximumChunk)
        {
            throw Foreign();
        }

        int padded = ((int)compressed + 3) & ~3;
        return (headerLength + padded + CheckLength, (int)plain);
    }

    private static long UnpaddedLength(EncodedChunk chunk)
    {
        ReadOnlySpan<byte> head = chunk.Bytes.Span;
        int position = 2;
        return ((head[0] + 1) * 4) + (long)ReadNumber(head, ref position) + CheckLength;
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 63 && position < bytes.Length; shift += 7)
        {
            byte part = bytes[position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Foreign();
    }

    private static void WriteNumber(MemoryStream target, ulong value)
    {
        while (value >= 0x80)
        {
            target.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        target.WriteByte((byte)value);
    }

    private static uint Crc32Of(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes);
}
