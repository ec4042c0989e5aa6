using System.Runtime.InteropServices;

namespace Omnibus.Core.Compression.Xz;

/// <summary>Return codes of liblzma (lzma/base.h).</summary>
internal enum LzmaResult
{
    Ok = 0,
    StreamEnd = 1,
    NoCheck = 2,
    UnsupportedCheck = 3,
    GetCheck = 4,
    MemoryError = 5,
    MemoryLimit = 6,
    FormatError = 7,
    OptionsError = 8,
    DataError = 9,
    BufferError = 10,
    ProgramError = 11,
}

/// <summary>What lzma_code is to do (lzma/base.h).</summary>
internal enum LzmaAction
{
    Run = 0,
    Finish = 3,
}

/// <summary>lzma_stream (lzma/base.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LzmaStream
{
    public byte* NextIn;
    public nuint AvailableIn;
    public ulong TotalIn;
    public byte* NextOut;
    public nuint AvailableOut;
    public ulong TotalOut;
    public void* Allocator;
    public void* Internal;
    private void* _reserved1;
    private void* _reserved2;
    private void* _reserved3;
    private void* _reserved4;
    public ulong SeekPosition;
    private ulong _reserved5;
    private nuint _reserved6;
    private nuint _reserved7;
    private uint _reserved8;
    private uint _reserved9;
}

/// <summary>lzma_filter (lzma/filter.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LzmaFilter
{
    public ulong Id;
    public void* Options;
}

/// <summary>lzma_options_lzma (lzma/lzma12.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LzmaOptions
{
    public uint DictionarySize;
    public byte* PresetDictionary;
    public uint PresetDictionarySize;
    public uint LiteralContextBits;
    public uint LiteralPositionBits;
    public uint PositionBits;
    public int Mode;
    public uint NiceLength;
    public int MatchFinder;
    public uint Depth;
    private fixed uint _reserved[12];
    private void* _reserved1;
    private void* _reserved2;
}

/// <summary>The calls of liblzma.so.5 that we need.</summary>
internal static unsafe partial class LzmaNative
{
    public const string Library = "liblzma.so.5";
    public const int CheckCrc64 = 4;
    public const uint Concatenated = 0x08;
    public const ulong FilterLzma2 = 0x21;
    public const ulong FilterEnd = ulong.MaxValue;

    [LibraryImport(Library, EntryPoint = "lzma_raw_encoder")]
    public static partial LzmaResult RawEncoder(LzmaStreamHandle stream, LzmaFilter* filters);

    [LibraryImport(Library, EntryPoint = "lzma_crc64")]
    public static partial ulong Crc64(ReadOnlySpan<byte> buffer, nuint size, ulong crc);

    [LibraryImport(Library, EntryPoint = "lzma_stream_decoder")]
    public static partial LzmaResult StreamDecoder(LzmaStreamHandle stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    public static partial LzmaResult Code(LzmaStreamHandle stream, LzmaAction action);

    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_encode")]
    public static partial LzmaResult StreamBufferEncode(LzmaFilter* filters, int check, void* allocator, byte* input, nuint inputLength, byte* output, nuint* outputPosition, nuint outputLength);

    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_decode")]
    public static partial LzmaResult StreamBufferDecode(ulong* memoryLimit, uint flags, void* allocator, byte* input, nuint* inputPosition, nuint inputLength, byte* output, nuint* outputPosition, nuint outputLength);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    public static partial void End(nint stream);

    [LibraryImport(Library, EntryPoint = "lzma_lzma_preset")]
    public static partial byte LzmaPreset(out LzmaOptions options, uint preset);
}
