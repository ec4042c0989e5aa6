using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// One gzip member (RFC 1952) of at most <see cref="Size"/> bytes of input, deflated apart from all others. Members that follow one another
/// are one file to every reader (section 2.2).
/// </summary>
internal sealed class GzipMember : IDisposable
{
    /// <summary>Bytes of input in a full member. It decides the output, so it never depends on the machine.</summary>
    public const int Size = 2 * 1024 * 1024;

    private const int HeaderSize = 10;
    private const int TrailerSize = 8;

    // What deflate makes of nothing: one final block without content. DeflateStream writes no byte at all then.
    private static readonly byte[] s_empty = [3, 0];

    private readonly int _level;
    private readonly DeflateHandle? _compressor;
    private byte[] _input = [];
    private byte[] _output = [];

    /// <summary>Makes an empty member.</summary>
    /// <param name="level">1 to 9.</param>
    public GzipMember(int level)
    {
        _level = level;
        _compressor = DeflateNative.IsAvailable ? DeflateNative.AllocateCompressor(level) : null;
        if (_compressor is { IsInvalid: true })
        {
            throw new OutOfMemoryException("libdeflate could not get the memory it needs.");
        }
    }

    /// <summary>Bytes of input.</summary>
    public int Length { get; private set; }

    /// <summary>The member, once compressed.</summary>
    public ReadOnlyMemory<byte> Output { get; private set; }

    /// <summary>Empties the member for new input.</summary>
    public void Clear() => Length = 0;

    /// <summary>Adds input.</summary>
    /// <returns>Bytes taken; 0 when the member is full.</returns>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Size - Length);
        if (_input.Length < Length + count)
        {
            // Small packages do not pay for a full member.
            Array.Resize(ref _input, Math.Min(Size, Math.Max(64 * 1024, 4 * (Length + count))));
        }

        bytes[..count].CopyTo(_input.AsSpan(Length));
        Length += count;
        return count;
    }

    /// <summary>Compresses the input.</summary>
    public void Compress()
    {
        ReadOnlySpan<byte> input = _input.AsSpan(0, Length);
        int deflated = input.IsEmpty ? PutEmpty() : _compressor is { } compressor ? Deflate(compressor, input) : DeflateWithoutLibrary(input);

        // Deflate, no flags, no time; extra flags as gzip sets them; "Unix".
        ReadOnlySpan<byte> header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, (byte)(_level == 9 ? 2 : _level == 1 ? 4 : 0), 3];
        header.CopyTo(_output);
        Span<byte> trailer = _output.AsSpan(HeaderSize + deflated, TrailerSize);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.HashToUInt32(input));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)Length);
        Output = _output.AsMemory(0, HeaderSize + deflated + TrailerSize);
    }

    public void Dispose() => _compressor?.Dispose();

    private int PutEmpty()
    {
        Reserve(s_empty.Length);
        s_empty.CopyTo(_output.AsSpan(HeaderSize));
        return s_empty.Length;
    }

    private unsafe int Deflate(DeflateHandle compressor, ReadOnlySpan<byte> input)
    {
        int room = (int)DeflateNative.Bound(compressor, (nuint)input.Length);
        Reserve(room);
        fixed (byte* from = input)
        fixed (byte* to = _output)
        {
            int written = (int)DeflateNative.Compress(compressor, from, (nuint)input.Length, to + HeaderSize, (nuint)room);
            return written > 0 ? written : throw new InvalidOperationException("libdeflate did not keep to its own bound.");
        }
    }

    // zlib-ng, which .NET brings, packs about 1.3 % worse at level 6 than the zlib of dpkg and rpm; its level 7 is on a par and still faster.
    // Its level 8 is slower than 9 and packs worse.
    private int DeflateWithoutLibrary(ReadOnlySpan<byte> input)
    {
        int level = _level switch
        {
            6 => 7,
            8 => 9,
            _ => _level,
        };
        using var output = new MemoryStream((input.Length / 2) + 1024);
        using (var deflate = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            deflate.Write(input);
        }

        Reserve((int)output.Length);
        output.GetBuffer().AsSpan(0, (int)output.Length).CopyTo(_output.AsSpan(HeaderSize));
        return (int)output.Length;
    }

    private void Reserve(int deflated)
    {
        if (_output.Length < HeaderSize + deflated + TrailerSize)
        {
            _output = new byte[HeaderSize + deflated + TrailerSize];
        }
    }
}
