using Omnibus.Core.Compression.Gzip;
using Omnibus.Core.Compression.Xz;
using Omnibus.Core.Compression.Zstd;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Compression;

/// <summary>The one door to all compressors: opens compressing and decompressing streams, and tells compressors apart by their first bytes.</summary>
public static class Compressors
{
    /// <summary>Memory that a decompressor may take unless told otherwise: xz -9 needs 65 MiB and zstd -22 129 MiB.</summary>
    public const long DefaultMemoryLimit = 256L * 1024 * 1024;

    /// <summary>Bytes that <see cref="Detect"/> needs to see.</summary>
    public const int MagicLength = 6;

    /// <summary>The usual level of a compressor: gzip 6, xz 6, zstd 3.</summary>
    public static int DefaultLevel(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip or CompressionKind.Xz => 6,
        CompressionKind.Zstd => 3,
        _ => 0,
    };

    /// <summary>The level that a setting stands for.</summary>
    /// <exception cref="OmnibusException"><c>CompressionLevelInvalid</c>: outside the compressor's scale (gzip 1-9, xz 0-9, zstd 1-22).</exception>
    public static int ResolveLevel(CompressionSettings settings)
    {
        int level = settings.Level ?? DefaultLevel(settings.Kind);
        (int lowest, int highest) = settings.Kind switch
        {
            CompressionKind.Gzip => (1, 9),
            CompressionKind.Xz => (0, 9),
            CompressionKind.Zstd => (1, 22),
            _ => (0, int.MaxValue),
        };
        return level >= lowest && level <= highest ? level : throw new OmnibusException(
            "CompressionLevelInvalid",
            ErrorKind.InvalidArgument,
            $"{settings.Kind} has no level {level}.",
            settings,
            $"Use {lowest} to {highest}.");
    }

    /// <summary>The usual file name extension, with its dot; empty for <see cref="CompressionKind.None"/>.</summary>
    public static string Extension(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => ".gz",
        CompressionKind.Xz => ".xz",
        CompressionKind.Zstd => ".zst",
        _ => string.Empty,
    };

    /// <summary>Tells the compressor by the first bytes of a file (RFC 1952, the xz format 1.1.0 section 2.1.1.1, RFC 8878 section 3.1.1).</summary>
    /// <returns><see cref="CompressionKind.None"/> when no magic number is recognised.</returns>
    public static CompressionKind Detect(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> gzip = [0x1F, 0x8B];
        ReadOnlySpan<byte> xz = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00];
        ReadOnlySpan<byte> zstd = [0x28, 0xB5, 0x2F, 0xFD];
        return head.StartsWith(gzip) ? CompressionKind.Gzip
            : head.StartsWith(xz) ? CompressionKind.Xz
            : head.StartsWith(zstd) ? CompressionKind.Zstd
            : CompressionKind.None;
    }

    /// <summary>
    /// Opens a stream that compresses what is written to it into <paramref name="target"/>; disposing it writes the end.
    /// The bytes depend on the input and the settings alone: not on the clock, the sizes of the writes or the number of cores.
    /// </summary>
    /// <param name="target">Takes the compressed bytes.</param>
    /// <param name="settings">Compressor and level.</param>
    /// <param name="expectedLength">
    /// About how many bytes will be written, where it is known; xz then cuts its blocks so that all cores end together. Part of what decides the bytes.
    /// </param>
    /// <param name="leaveOpen">Leaves <paramref name="target"/> open.</param>
    /// <param name="cancellationToken">Once it is cancelled, disposing gives up at once what is not compressed yet; the target is then of no use.</param>
    /// <exception cref="OmnibusException"><c>CompressionLevelInvalid</c>, <c>CompressionLibraryMissing</c> (liblzma or libzstd is not installed).</exception>
    public static Stream Compress(
        Stream target, CompressionSettings settings, long? expectedLength = null, bool leaveOpen = true, CancellationToken cancellationToken = default)
    {
        int level = ResolveLevel(settings);
        return settings.Kind switch
        {
            CompressionKind.Gzip => new GzipCompressionStream(target, level, leaveOpen, cancellationToken),
            CompressionKind.Xz => new XzCompressionStream(target, level, expectedLength, leaveOpen, cancellationToken),
            CompressionKind.Zstd => new EncodingStream(target, new ZstdEncoder(level), leaveOpen, cancellationToken),
            _ => new PassThroughStream(target, leaveOpen),
        };
    }

    /// <summary>Opens a stream that gives the bytes behind <paramref name="source"/>. Members that follow one another are read as one.</summary>
    /// <param name="source">Compressed bytes.</param>
    /// <param name="kind">The compressor.</param>
    /// <param name="memoryLimit">Bytes of memory that the decompressor may take; more is refused before it is allocated.</param>
    /// <param name="leaveOpen">Leaves <paramref name="source"/> open.</param>
    /// <exception cref="OmnibusException"><c>CompressionLibraryMissing</c>; while reading: <c>CompressedDataInvalid</c> (cut short or damaged) and <c>CompressionMemoryExceeded</c>.</exception>
    public static Stream Decompress(Stream source, CompressionKind kind, long memoryLimit = DefaultMemoryLimit, bool leaveOpen = true) => kind switch
    {
        CompressionKind.Gzip => new DecodingStream(source, new GzipDecoder(), leaveOpen),
        CompressionKind.Xz => new DecodingStream(source, new XzDecoder(memoryLimit), leaveOpen),
        CompressionKind.Zstd => new DecodingStream(source, new ZstdDecoder(memoryLimit), leaveOpen),
        _ => new PassThroughStream(source, leaveOpen),
    };

    /// <summary>Bytes that may follow compressed data and mean nothing: a reader gets the same from both.</summary>
    /// <param name="kind">The compressor.</param>
    /// <param name="length">How many.</param>
    /// <returns>Null when the format has no such filling, or none of this length.</returns>
    internal static byte[]? Filling(CompressionKind kind, int length) => length == 0 ? [] : kind switch
    {
        CompressionKind.Gzip => GzipFilling.Create(length),
        CompressionKind.Zstd => ZstdFilling.Create(length),
        _ => null,
    };

    internal static OmnibusException DataInvalid(CompressionKind kind, string what, Exception? inner = null) => new(
        "CompressedDataInvalid",
        ErrorKind.InvalidData,
        $"The {kind.ToString().ToLowerInvariant()} data {what}.",
        kind,
        "The file is cut short or damaged: fetch or build it again.",
        inner);

    internal static OmnibusException MemoryExceeded(CompressionKind kind, long limit) => new(
        "CompressionMemoryExceeded",
        ErrorKind.InvalidData,
        $"The {kind.ToString().ToLowerInvariant()} data asks for more than {limit / (1024 * 1024)} MiB of memory.",
        kind);

    internal static OmnibusException LibraryMissing(string library, string package, Exception inner) => new(
        "CompressionLibraryMissing",
        ErrorKind.MissingDependency,
        $"The library {library} is missing or too old.",
        library,
        $"Install the package {package} with the distribution's package manager.",
        inner);
}
