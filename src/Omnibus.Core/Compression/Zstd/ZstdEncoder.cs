namespace Omnibus.Core.Compression.Zstd;

/// <summary>Writes one zstd frame with a checksum, on all cores.</summary>
internal sealed class ZstdEncoder : IStreamCodec
{
    private const int JobSize = 4 * 1024 * 1024;

    private readonly ZstdEncoderHandle _context;

    public ZstdEncoder(int level)
    {
        try
        {
            _context = ZstdNative.CreateEncoder();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw LibraryMissing(e);
        }

        if (_context.IsInvalid)
        {
            throw new OutOfMemoryException("libzstd could not get the memory it needs.");
        }

        Check(ZstdNative.SetParameter(_context, ZstdNative.CompressionLevel, level));
        Check(ZstdNative.SetParameter(_context, ZstdNative.ChecksumFlag, 1));

        // Half of what the library would take at the usual levels: less memory, and the workers end closer together. It is part of what
        // decides the bytes, so it is fixed; the library raises it where a level's window asks for more.
        _ = ZstdNative.SetParameter(_context, ZstdNative.JobSize, JobSize);

        // The number of workers does not change the bytes, as long as it is not 0. A libzstd built without threads refuses the parameter;
        // it then works on one core.
        _ = ZstdNative.SetParameter(_context, ZstdNative.Workers, Math.Clamp(Environment.ProcessorCount, 1, 8));
    }

    public unsafe bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            var source = new ZstdBuffer { Data = from, Size = (nuint)input.Length };
            var target = new ZstdBuffer { Data = to, Size = (nuint)output.Length };
            nuint remaining = ZstdNative.Compress(_context, ref target, ref source, finish ? ZstdNative.End : ZstdNative.Continue);
            Check(remaining);
            consumed = (int)source.Position;
            produced = (int)target.Position;
            return finish && remaining == 0 && consumed == input.Length;
        }
    }

    public void Dispose() => _context.Dispose();

    internal static Diagnostics.OmnibusException LibraryMissing(Exception inner) =>
        Compressors.LibraryMissing(ZstdNative.Library, "libzstd1 (Debian) or libzstd (Fedora)", inner);

    private void Check(nuint code)
    {
        if (ZstdNative.IsError(code) != 0)
        {
            _context.Dispose();
            throw new InvalidOperationException($"libzstd refused its work: {ZstdNative.Describe(code)}.");
        }
    }
}
