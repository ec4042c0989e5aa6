namespace Omnibus.Core.Compression.Xz;

/// <summary>Reads xz streams, one after the other, within a limit of memory.</summary>
internal sealed class XzDecoder : IStreamCodec
{
    private readonly LzmaStreamHandle _stream = new();
    private readonly long _memoryLimit;

    public XzDecoder(long memoryLimit)
    {
        _memoryLimit = memoryLimit;
        LzmaResult result;
        try
        {
            result = LzmaNative.StreamDecoder(_stream, (ulong)memoryLimit, LzmaNative.Concatenated);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _stream.Dispose();
            throw XzCompressionStream.LibraryMissing(e);
        }

        if (result != LzmaResult.Ok)
        {
            _stream.Dispose();
            throw new OutOfMemoryException();
        }
    }

    public bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced)
    {
        LzmaResult result = _stream.Run(input, output, finish ? LzmaAction.Finish : LzmaAction.Run, out consumed, out produced);
        return result switch
        {
            LzmaResult.Ok => false,
            LzmaResult.StreamEnd => true,
            LzmaResult.MemoryLimit => throw Compressors.MemoryExceeded(CompressionKind.Xz, _memoryLimit),
            LzmaResult.MemoryError => throw new OutOfMemoryException(),
            LzmaResult.FormatError => throw Compressors.DataInvalid(CompressionKind.Xz, "is no xz data"),
            LzmaResult.OptionsError => throw Compressors.DataInvalid(CompressionKind.Xz, "needs a filter that liblzma does not know"),
            LzmaResult.BufferError when finish => throw Compressors.DataInvalid(CompressionKind.Xz, "is cut short"),
            LzmaResult.BufferError => false,
            _ => throw Compressors.DataInvalid(CompressionKind.Xz, "is damaged"),
        };
    }

    public void Dispose() => _stream.Dispose();
}
