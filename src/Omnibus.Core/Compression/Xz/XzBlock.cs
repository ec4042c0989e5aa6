using System.Buffers.Binary;
using System.IO.Hashing;

namespace Omnibus.Core.Compression.Xz;

/// <summary>
/// One block of an xz file (xz file format 1.1.0, section 3): its input is gathered, then compressed apart from all others. Input and output
/// of any size to speak of lie in temporary files, so that only the encoder itself takes memory.
/// </summary>
internal sealed class XzBlock : IDisposable
{
    /// <summary>Bytes of the block header that we write: one filter, no sizes.</summary>
    private const int HeaderSize = 12;
    private const int CheckSize = 8;
    private const int BufferSize = 64 * 1024;
    private const int MemoryLimit = 256 * 1024;

    private readonly SpoolStream _input = new(Path.GetTempPath(), MemoryLimit);
    private readonly SpoolStream _output = new(Path.GetTempPath(), MemoryLimit);

    /// <summary>Bytes of input.</summary>
    public long Length => _input.Size;

    /// <summary>Header, data and check without padding, as the index wants it. Known once compressed.</summary>
    public long UnpaddedSize { get; private set; }

    /// <summary>Adds input.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _input.Write(bytes);

    /// <summary>Compresses the input.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled; this is looked at every few milliseconds.</exception>
    public void Compress(LzmaRawEncoder encoder, in LzmaOptions options, CancellationToken cancellationToken)
    {
        encoder.Begin(options);
        WriteHeader(options.DictionarySize);
        byte[] input = new byte[BufferSize];
        byte[] output = new byte[BufferSize];
        ulong check = 0;
        long compressed = 0;
        bool ended = false;
        _input.Rewind();
        while (!ended)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = _input.ReadNext(input);
            check = LzmaNative.Crc64(input, (nuint)count, check);
            ReadOnlySpan<byte> rest = input.AsSpan(0, count);
            do
            {
                ended = encoder.Run(rest, output, finish: count == 0, out int consumed, out int produced);
                rest = rest[consumed..];
                _output.Write(output.AsSpan(0, produced));
                compressed += produced;
            }
            while (!rest.IsEmpty || (count == 0 && !ended));
        }

        UnpaddedSize = HeaderSize + compressed + CheckSize;
        _output.Write(new byte[(int)(-compressed & 3)]);
        BinaryPrimitives.WriteUInt64LittleEndian(output, check);
        _output.Write(output.AsSpan(0, CheckSize));
        _input.Dispose();
    }

    /// <summary>Sends the finished block to the file.</summary>
    public void CopyTo(Stream target) => _output.CopyAllTo(target);

    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }

    // Size in units of four less one, flags (one filter), LZMA2 with one property byte, padding, CRC-32.
    private void WriteHeader(uint dictionarySize)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        header[0] = (HeaderSize / 4) - 1;
        header[2] = (byte)LzmaNative.FilterLzma2;
        header[3] = 1;
        header[4] = DictionaryByte(dictionarySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32.HashToUInt32(header[..8]));
        _output.Write(header);
    }

    // Section 5.3.1: 2^n and 2^n + 2^(n-1), from 4 KiB on.
    private static byte DictionaryByte(uint size)
    {
        byte bits = 0;
        while (bits < 40 && (2u | (bits & 1u)) << ((bits / 2) + 11) < size)
        {
            bits++;
        }

        return bits;
    }
}
