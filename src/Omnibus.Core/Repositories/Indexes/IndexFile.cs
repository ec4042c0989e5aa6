using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>One file of an index that was written.</summary>
/// <param name="Kind">Its compression.</param>
/// <param name="Path">The local file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex digest.</param>
internal sealed record IndexFile(CompressionKind Kind, string Path, long Size, string Sha256);

/// <summary>An index that was written, in all its compressions.</summary>
/// <param name="PlainSize">Bytes of the uncompressed content.</param>
/// <param name="PlainSha256">Lower-case hex digest of the uncompressed content.</param>
/// <param name="Files">The files.</param>
internal sealed record WrittenIndex(long PlainSize, string PlainSha256, IReadOnlyList<IndexFile> Files);
