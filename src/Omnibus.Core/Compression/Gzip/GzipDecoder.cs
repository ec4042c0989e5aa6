namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// Reads gzip members one after the other and holds their checksums and lengths against the content.
/// It stands on the system's zlib: GZipStream takes data that is cut short or changed for whole (measured with .NET 10).
/// </summary>
internal sealed unsafe class GzipDecoder : IStreamCodec
{
    private readonly ZlibInflateHandle _handle = new();
    private bool _started;
    private bool _betweenMembers;

    public GzipDecoder()
    {
        int result;
        try
        {
            result = ZlibNative.InflateInit(_handle.Stream, ZlibNative.GzipWindow, "1.2.11", sizeof(ZlibStream));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _handle.Dispose();
            throw Compressors.LibraryMissing(ZlibNative.Library, "zlib1g (Debian) or zlib (Fedora)", e);
        }

        if (result != ZlibNative.Ok)
        {
            _handle.Dispose();
            throw new OutOfMemoryException("zlib could not get the memory it needs.");
        }
    }

    public bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced)
    {
        consumed = produced = 0;
        if (input.IsEmpty && finish && (_betweenMembers || !_started))
        {
            return _started ? true : throw Compressors.DataInvalid(CompressionKind.Gzip, "is empty");
        }

        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        _started = true;
        ZlibStream* stream = _handle.Stream;
        if (_betweenMembers && !input.IsEmpty)
        {
            _ = ZlibNative.InflateReset(stream);
            _betweenMembers = false;
        }

        int result;
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            stream->NextIn = from;
            stream->AvailableIn = (uint)input.Length;
            stream->NextOut = to;
            stream->AvailableOut = (uint)output.Length;
            result = ZlibNative.Inflate(stream, 0);
            consumed = input.Length - (int)stream->AvailableIn;
            produced = output.Length - (int)stream->AvailableOut;
        }

        GC.KeepAlive(_handle);
        switch (result)
        {
            case ZlibNative.StreamEnd:
                _betweenMembers = true;
                return false;
            case ZlibNative.Ok:
            case ZlibNative.BufferError when !finish:
                return false;
            case ZlibNative.BufferError:
                throw Compressors.DataInvalid(CompressionKind.Gzip, "is cut short");
            case ZlibNative.MemoryError:
                throw new OutOfMemoryException("zlib could not get the memory it needs.");
            default:
                throw Compressors.DataInvalid(CompressionKind.Gzip, "is damaged");
        }
    }

    public void Dispose() => _handle.Dispose();
}
