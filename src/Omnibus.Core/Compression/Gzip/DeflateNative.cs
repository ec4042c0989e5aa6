using System.Runtime.InteropServices;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>The calls of libdeflate.so.0 (libdeflate.h) that we need: deflating a whole buffer.</summary>
internal static unsafe partial class DeflateNative
{
    public const string Library = "libdeflate.so.0";

    /// <summary>Whether this machine has the library. Looked for once.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library, EntryPoint = "libdeflate_alloc_compressor")]
    public static partial DeflateHandle AllocateCompressor(int level);

    [LibraryImport(Library, EntryPoint = "libdeflate_free_compressor")]
    public static partial void FreeCompressor(nint compressor);

    [LibraryImport(Library, EntryPoint = "libdeflate_deflate_compress_bound")]
    public static partial nuint Bound(DeflateHandle compressor, nuint length);

    /// <returns>Bytes written; 0 when <paramref name="available"/> is too little.</returns>
    [LibraryImport(Library, EntryPoint = "libdeflate_deflate_compress")]
    public static partial nuint Compress(DeflateHandle compressor, byte* input, nuint length, byte* output, nuint available);
}

/// <summary>Owns a compressor of libdeflate.</summary>
internal sealed class DeflateHandle : SafeHandle
{
    public DeflateHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        DeflateNative.FreeCompressor(handle);
        return true;
    }
}
