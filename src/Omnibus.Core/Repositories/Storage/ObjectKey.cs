using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>The rules of an object's key, the same for every store.</summary>
public static class ObjectKey
{
    /// <summary>Longest key in bytes (the limit of S3).</summary>
    public const int MaximumLength = 1024;

    /// <summary>Refuses a key that could leave its root or that a store cannot hold.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="OmnibusException"><c>StoreKeyInvalid</c>.</exception>
    public static string Check(string key)
    {
        return IsValid(key) ? key : throw new OmnibusException(
            "StoreKeyInvalid",
            ErrorKind.InvalidData,
            $"'{key}' is no valid key: it must be relative, without empty parts, '.' or '..', and at most {MaximumLength} bytes.",
            key);
    }

    /// <summary>Whether <see cref="Check"/> would accept a key.</summary>
    public static bool IsValid(string key) => key.Length > 0
        && System.Text.Encoding.UTF8.GetByteCount(key) <= MaximumLength
        && !key.Any(char.IsControl)
        && key.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>The content type that clients expect of a key, by its name.</summary>
    public static string ContentTypeOf(string key) => Path.GetExtension(key) switch
    {
        ".deb" => "application/vnd.debian.binary-package",
        ".rpm" => "application/x-rpm",
        ".xml" => "application/xml",
        ".json" => "application/json",
        ".yaml" or ".yml" => "application/yaml",
        ".gz" => "application/gzip",
        ".xz" => "application/x-xz",
        ".zst" => "application/zstd",
        ".asc" or ".gpg" or ".key" => "application/pgp-signature",
        ".repo" or ".sources" or "" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
