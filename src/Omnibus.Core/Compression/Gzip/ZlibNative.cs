using System.Runtime.InteropServices;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>z_stream (zlib.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ZlibStream
{
    public byte* NextIn;
    public uint AvailableIn;
    public CULong TotalIn;
    public byte* NextOut;
    public uint AvailableOut;
    public CULong TotalOut;
    public byte* Message;
    public void* State;
    public void* Allocate;
    public void* Free;
    public void* Opaque;
    public int DataType;
    public CULong Adler;
    private CULong _reserved;
}

/// <summary>The calls of libz.so.1 that we need: inflating alone.</summary>
internal static unsafe partial class ZlibNative
{
    public const string Library = "libz.so.1";
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int DataError = -3;
    public const int MemoryError = -4;
    public const int BufferError = -5;

    /// <summary>Full window (15 bits), gzip header and trailer wanted (+16).</summary>
    public const int GzipWindow = 15 + 16;

    [LibraryImport(Library, EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int InflateInit(ZlibStream* stream, int windowBits, string version, int streamSize);

    [LibraryImport(Library, EntryPoint = "inflate")]
    public static partial int Inflate(ZlibStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateReset")]
    public static partial int InflateReset(ZlibStream* stream);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    public static partial int InflateEnd(ZlibStream* stream);
}

/// <summary>Owns a z_stream that inflates.</summary>
internal sealed unsafe class ZlibInflateHandle : SafeHandle
{
    public ZlibInflateHandle()
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(ZlibStream)));

    public override bool IsInvalid => handle == 0;

    public ZlibStream* Stream => (ZlibStream*)handle;

    protected override bool ReleaseHandle()
    {
        if (Stream->State is not null)
        {
            _ = ZlibNative.InflateEnd(Stream);
        }

        NativeMemory.Free((void*)handle);
        return true;
    }
}
