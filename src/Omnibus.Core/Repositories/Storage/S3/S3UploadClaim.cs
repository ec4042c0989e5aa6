using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>
/// Says which upload in parts is under way for a key, and of which bytes. A publisher that was killed finds its upload again by the
/// key alone, without a listing; another one with the same bytes joins in, and one with other bytes keeps away.
/// </summary>
/// <param name="Key">The object's key.</param>
/// <param name="Sha256">Digest of the whole content.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="PartSize">Length of each part but the last.</param>
/// <param name="UploadId">The store's name of the upload.</param>
internal sealed record S3UploadClaim(string Key, string Sha256, long Length, long PartSize, string UploadId)
{
    /// <summary>Prefix of all claims.</summary>
    public const string Prefix = RepositoryKeys.HiddenFolder + "/uploads/";

    /// <summary>Longest claim that is read.</summary>
    public const int SizeLimit = 16 * 1024;

    /// <summary>Where the claim of a key lies.</summary>
    public static string KeyOf(string key) => $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}.json";

    /// <summary>Reads a claim; null when it is damaged.</summary>
    public static S3UploadClaim? Parse(byte[] content)
    {
        try
        {
            S3UploadClaim? claim = JsonSerializer.Deserialize(content, S3UploadClaimJson.Default.S3UploadClaim);
            return claim is { Key: not null, Sha256: not null, UploadId: not null, Length: > 0, PartSize: >= S3Upload.MinimumPartSize } ? claim : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The claim as it is stored.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, S3UploadClaimJson.Default.S3UploadClaim);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(S3UploadClaim))]
internal sealed partial class S3UploadClaimJson : JsonSerializerContext;
