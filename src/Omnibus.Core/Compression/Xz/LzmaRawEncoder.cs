namespace Omnibus.Core.Compression.Xz;

/// <summary>LZMA2 data without any container.</summary>
internal sealed unsafe class LzmaRawEncoder : IStreamCodec
{
    private readonly LzmaStreamHandle _stream = new();

    /// <summary>Begins anew. The memory of the data before is used again, as long as the options are the same.</summary>
    public void Begin(LzmaOptions options)
    {
        LzmaFilter* filters = stackalloc LzmaFilter[2];
        filters[0] = new LzmaFilter { Id = LzmaNative.FilterLzma2, Options = &options };
        filters[1] = new LzmaFilter { Id = LzmaNative.FilterEnd };
        Check(LzmaNative.RawEncoder(_stream, filters));
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
