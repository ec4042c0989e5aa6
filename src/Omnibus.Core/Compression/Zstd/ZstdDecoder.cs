using System.Numerics;

namespace Omnibus.Core.Compression.Zstd;

/// <summary>Reads zstd frames, one after the other, within a limit of memory.</summary>
internal sealed class ZstdDecoder : IStreamCodec
{
    private readonly ZstdDecoderHandle _context;
    private readonly long _memoryLimit;
    private bool _started;
    private bool _betweenFrames = true;

    public ZstdDecoder(long memoryLimit)
    {
        _memoryLimit = memoryLimit;
        try
        {
            _context = ZstdNative.CreateDecoder();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw ZstdEncoder.LibraryMissing(e);
        }

        if (_context.IsInvalid)
        {
            throw new OutOfMemoryException("libzstd could not get the memory it needs.");
        }

        // The window is nearly all that a decoder takes; the library allows 2^10 to 2^31.
        int windowLog = Math.Clamp(BitOperations.Log2((ulong)Math.Max(memoryLimit, 1)), 10, 30);
        _ = ZstdNative.SetParameter(_context, ZstdNative.WindowLogMax, windowLog);
    }

    public unsafe bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced)
    {
        if (input.IsEmpty && finish && _betweenFrames)
        {
            consumed = produced = 0;
            return _started ? true : throw Compressors.DataInvalid(CompressionKind.Zstd, "is empty");
        }

        _started = true;
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            var source = new ZstdBuffer { Data = from, Size = (nuint)input.Length };
            var target = new ZstdBuffer { Data = to, Size = (nuint)output.Length };
            nuint result = ZstdNative.Decompress(_context, ref target, ref source);
            if (ZstdNative.IsError(result) != 0)
            {
                throw ZstdNative.ErrorCode(result) == ZstdNative.WindowTooLarge
                    ? Compressors.MemoryExceeded(CompressionKind.Zstd, _memoryLimit)
                    : Compressors.DataInvalid(CompressionKind.Zstd, $"is damaged ({ZstdNative.Describe(result)})");
            }

            consumed = (int)source.Position;
            produced = (int)target.Position;
            _betweenFrames = result == 0;
            if (finish && consumed == 0 && produced == 0 && !_betweenFrames)
            {
                throw Compressors.DataInvalid(CompressionKind.Zstd, "is cut short");
            }

            return false;
        }
    }

    public void Dispose() => _context.Dispose();
}
