namespace Omnibus.Core.Compression.Xz;

/// <summary>Writes one xz stream of blocks of fixed size, on two cores where there are.</summary>
internal sealed class XzEncoder : IStreamCodec
{
    private readonly LzmaStreamHandle _stream = new();

    public unsafe XzEncoder(int level)
    {
        LzmaResult result;
        try
        {
            if (LzmaNative.LzmaPreset(out LzmaOptions options, (uint)level) != 0)
            {
                throw new ArgumentOutOfRangeException(nameof(level));
            }

            LzmaFilter* filters = stackalloc LzmaFilter[2];
            filters[0] = new LzmaFilter { Id = LzmaNative.FilterLzma2, Options = &options };
            filters[1] = new LzmaFilter { Id = LzmaNative.FilterEnd };
            var threading = new LzmaThreading
            {
                Threads = (uint)Math.Min(2, Environment.ProcessorCount),
                BlockSize = Math.Max(3UL * options.DictionarySize, 1024 * 1024),
                Filters = filters,
                Check = LzmaNative.CheckCrc64,
            };
            result = LzmaNative.StreamEncoderMt(_stream, threading);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _stream.Dispose();
            throw LibraryMissing(e);
        }

        Check(result);
    }

    public bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced)
    {
        LzmaResult result = _stream.Run(input, output, finish ? LzmaAction.Finish : LzmaAction.Run, out consumed, out produced);
        if (result == LzmaResult.BufferError)
        {
            return false;
        }

        Check(result);
        return result == LzmaResult.StreamEnd;
    }

    public void Dispose() => _stream.Dispose();

    internal static Diagnostics.OmnibusException LibraryMissing(Exception inner) =>
        Compressors.LibraryMissing(LzmaNative.Library, "liblzma5 (Debian) or xz-libs (Fedora)", inner);

    private void Check(LzmaResult result)
    {
        if (result is not (LzmaResult.Ok or LzmaResult.StreamEnd))
        {
            _stream.Dispose();
            throw result is LzmaResult.MemoryError or LzmaResult.MemoryLimit
                ? new OutOfMemoryException("liblzma could not get the memory it needs.")
                : new InvalidOperationException($"liblzma refused its work: {result}.");
        }
    }
}
