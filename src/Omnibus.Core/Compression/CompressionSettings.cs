namespace Omnibus.Core.Compression;

/// <summary>A compressor.</summary>
public enum CompressionKind
{
    /// <summary>Stored as it is.</summary>
    None,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>xz.</summary>
    Xz,

    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd,
}

/// <summary>A compressor and its level.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Level">The compressor's own scale; null takes its usual default (gzip 6, xz 6, zstd 3).</param>
public sealed record CompressionSettings(CompressionKind Kind, int? Level = null);
