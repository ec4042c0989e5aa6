using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Hashing;

namespace Omnibus.Core.Compression.Xz;

/// <summary>
/// Writes one xz stream (xz file format 1.1.0) of blocks, compressed on several cores. liblzma could do it alone, but its threads
/// hold input and output of their blocks in memory, 300 MB at level 6. Here the blocks wait in temporary files, and the dictionary of levels
/// 5 and 6 is 4 MiB instead of 8: two encoders take 100 MB. Longer blocks win back a part of what the smaller dictionary loses; what is left
/// was measured as 0.2 to 0.9 %. Where the whole length is known, blocks become shorter towards the end, so that the cores end close together.
/// </summary>
internal sealed class XzCompressionStream : WriteOnlyStream
{
    private const uint LargestSharedDictionary = 4 * 1024 * 1024;
    private const long LongestBlock = 32L * 1024 * 1024;
    private const long ShortestLastBlock = 8L * 1024 * 1024;

    // Each block takes at most this part of what is left. It is fixed, as the number of cores must not decide the bytes.
    private const int ShareOfRest = 4;
    private const long EncoderMemory = 110L * 1024 * 1024;

    private readonly Stream _target;
    private readonly bool _leaveOpen;
    private readonly CancellationToken _cancellationToken;
    private readonly LzmaOptions _options;
    private readonly long _longestBlock;
    private readonly OrderedPieces<XzBlock> _running;

    // Kept for the next block: the allocator would hold on to what an encoder gives back, and take new memory for the next one.
    private readonly ConcurrentBag<LzmaRawEncoder> _encoders = [];
    private readonly List<(long UnpaddedSize, long Length)> _index = [];
    private XzBlock _current = new();
    private long _rest;
    private long _blockSize;
    private bool _closed;

    /// <summary>Writes the beginning of the file.</summary>
    /// <param name="target">Takes the compressed bytes.</param>
    /// <param name="level">0 to 9.</param>
    /// <param name="expectedLength">About how many bytes will come; null when nobody knows. It decides where blocks end.</param>
    /// <param name="leaveOpen">Leaves the target open.</param>
    /// <param name="cancellationToken">Gives up what is not compressed yet.</param>
    public XzCompressionStream(Stream target, int level, long? expectedLength, bool leaveOpen, CancellationToken cancellationToken)
    {
        _target = target;
        _leaveOpen = leaveOpen;
        _cancellationToken = cancellationToken;
        try
        {
            _ = LzmaNative.LzmaPreset(out _options, (uint)level);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw LibraryMissing(e);
        }

        if (level is 5 or 6)
        {
            _options.DictionarySize = LargestSharedDictionary;
        }

        // An encoder takes about 11.5 times its dictionary and half a megabyte more. From level 7 on one of them is beyond our budget:
        // whoever asks for those levels gets one at a time.
        _longestBlock = Math.Max(LongestBlock, 3L * _options.DictionarySize);
        _rest = expectedLength ?? long.MaxValue;
        _blockSize = NextBlockSize();
        long encoder = (23L * _options.DictionarySize / 2) + (1024 * 1024);
        _running = new OrderedPieces<XzBlock>((int)Math.Clamp(EncoderMemory / encoder, 1, Environment.ProcessorCount), WriteOut);
        WriteStreamHeader();
    }

    /// <summary>liblzma is not there.</summary>
    internal static Diagnostics.OmnibusException LibraryMissing(Exception inner) =>
        Compressors.LibraryMissing(LzmaNative.Library, "liblzma5 (Debian) or xz-libs (Fedora)", inner);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            if (_current.Length == _blockSize)
            {
                Start();
            }

            int count = (int)Math.Min(buffer.Length, _blockSize - _current.Length);
            _current.Append(buffer[..count]);
            buffer = buffer[count..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _closed)
        {
            return;
        }

        _closed = true;
        try
        {
            if (!_cancellationToken.IsCancellationRequested)
            {
                Finish();
            }
        }
        finally
        {
            _running.Dispose();
            _current.Dispose();
            foreach (LzmaRawEncoder encoder in _encoders)
            {
                encoder.Dispose();
            }

            if (!_leaveOpen)
            {
                _target.Dispose();
            }
        }
    }

    private void Finish()
    {
        if (_current.Length > 0)
        {
            Start();
        }

        _running.WriteAll();
        WriteIndexAndFooter();
    }

    private void Start()
    {
        XzBlock block = _current;
        _running.Add(block, () => Compress(block));
        _current = new XzBlock();
        _rest = Math.Max(0, _rest - block.Length);
        _blockSize = NextBlockSize();
    }

    // A dictionary's worth at least, or the block would not make use of it.
    private long NextBlockSize() => Math.Clamp(_rest / ShareOfRest, Math.Max(ShortestLastBlock, _options.DictionarySize), _longestBlock);

    private void Compress(XzBlock block)
    {
        LzmaRawEncoder encoder = _encoders.TryTake(out LzmaRawEncoder? free) ? free : new LzmaRawEncoder();
        try
        {
            block.Compress(encoder, _options, _cancellationToken);
        }
        finally
        {
            _encoders.Add(encoder);
        }
    }

    private void WriteOut(XzBlock block)
    {
        block.CopyTo(_target);
        _index.Add((block.UnpaddedSize, block.Length));
        block.Dispose();
    }

    // Section 2.1.1: magic, flags (CRC-64), CRC-32 of the flags.
    private void WriteStreamHeader()
    {
        Span<byte> header = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, LzmaNative.CheckCrc64, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32.HashToUInt32(header.Slice(6, 2)));
        _target.Write(header);
    }

    // Sections 4 and 2.1.2.
    private void WriteIndexAndFooter()
    {
        var index = new List<byte> { 0 };
        AddNumber(index, _index.Count);
        foreach ((long unpaddedSize, long length) in _index)
        {
            AddNumber(index, unpaddedSize);
            AddNumber(index, length);
        }

        while (index.Count % 4 != 0)
        {
            index.Add(0);
        }

        byte[] bytes = [.. index, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));
        _target.Write(bytes);

        Span<byte> footer = [0, 0, 0, 0, 0, 0, 0, 0, 0, LzmaNative.CheckCrc64, (byte)'Y', (byte)'Z'];
        BinaryPrimitives.WriteUInt32LittleEndian(footer[4..], (uint)((bytes.Length / 4) - 1));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32.HashToUInt32(footer.Slice(4, 6)));
        _target.Write(footer);
    }

    // Seven bits a byte, the lowest first (section 1.2).
    private static void AddNumber(List<byte> bytes, long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
