using System.Runtime.InteropServices;

namespace Omnibus.Core.Compression.Zstd;

/// <summary>ZSTD_inBuffer and ZSTD_outBuffer (zstd.h); they have the same layout.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ZstdBuffer
{
    public byte* Data;
    public nuint Size;
    public nuint Position;
}

/// <summary>The calls of libzstd.so.1 that we need.</summary>
internal static unsafe partial class ZstdNative
{
    public const string Library = "libzstd.so.1";
    public const int CompressionLevel = 100;
    public const int ChecksumFlag = 201;
    public const int Workers = 400;
    public const int JobSize = 401;
    public const int WindowLogMax = 100;
    public const int Continue = 0;
    public const int End = 2;

    /// <summary>ZSTD_error_frameParameter_windowTooLarge (zstd_errors.h).</summary>
    public const int WindowTooLarge = 16;

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial ZstdEncoderHandle CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeEncoder(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetParameter(ZstdEncoderHandle context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    public static partial nuint Compress(ZstdEncoderHandle context, ref ZstdBuffer output, ref ZstdBuffer input, int operation);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial ZstdDecoderHandle CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecoder(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetParameter(ZstdDecoderHandle context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(ZstdDecoderHandle context, ref ZstdBuffer output, ref ZstdBuffer input);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    public static partial int ErrorCode(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    public static partial nint ErrorName(nuint code);

    /// <summary>What an error code means, in the library's words.</summary>
    public static string Describe(nuint code) => Marshal.PtrToStringUTF8(ErrorName(code)) ?? "unknown error";
}

/// <summary>Owns a ZSTD_CCtx.</summary>
internal sealed class ZstdEncoderHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => ZstdNative.FreeEncoder(handle) == 0;
}

/// <summary>Owns a ZSTD_DCtx.</summary>
internal sealed class ZstdDecoderHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => ZstdNative.FreeDecoder(handle) == 0;
}
