namespace Omnibus.Core.Repositories;

/// <summary>The file that clients fetch first, as it is published (<c>InRelease</c>, <c>repomd.xml</c>). It is the commit: all else follows from it.</summary>
/// <param name="Key">Its key in the store.</param>
/// <param name="ETag">The store's tag, the condition of the next commit.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PublishedPointer(string Key, string ETag, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes of a pointer that are read at most. InRelease of a large archive has about 200 KiB; repomd.xml is smaller.</summary>
    internal const int LongestPointer = 64 * 1024 * 1024;

    /// <summary>Bytes of a detached signature that are read at most.</summary>
    internal const int LongestSignature = 1024 * 1024;
}

/// <summary>An index that a pointer names.</summary>
/// <param name="Key">Key of the immutable, content-addressed object.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex digest.</param>
/// <param name="Name">The path under which the pointer lists it, for messages.</param>
public sealed record IndexReference(string Key, long Size, string Sha256, string Name)
{
    /// <summary>Bytes of the uncompressed content where the pointer says so: more is not read.</summary>
    public long? PlainSize { get; init; }
}
