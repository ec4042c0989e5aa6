namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>Headers that an object keeps.</summary>
internal sealed record S3ObjectHeaders(string ContentType, string CacheControl, bool PublicRead, string? Sha256)
{
    /// <summary>Name of the user metadata that holds the content's digest: every store keeps it, unlike <c>x-amz-checksum-sha256</c>.</summary>
    public const string DigestName = "omnibus-sha256";
}
