namespace Omnibus.Core.Repositories.Yum;

/// <summary>A metadata file as repomd.xml names it.</summary>
/// <param name="Type"><c>primary</c>, <c>filelists</c>, <c>other</c>, <c>updateinfo</c>, <c>group</c>, <c>modules</c> or anything else.</param>
/// <param name="Key">Key of the file.</param>
/// <param name="Sha256">Digest of the file, lower-case hex.</param>
/// <param name="Size">Bytes of the file.</param>
internal sealed record RepomdRecord(string Type, string Key, string Sha256, long Size)
{
    /// <summary>Digest of the uncompressed content; null where the file is not compressed.</summary>
    public string? OpenSha256 { get; init; }

    /// <summary>Bytes of the uncompressed content.</summary>
    public long? OpenSize { get; init; }

    /// <summary>When it was made, seconds since 1970.</summary>
    public long Timestamp { get; init; }
}
