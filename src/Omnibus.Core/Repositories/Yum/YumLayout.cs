using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Where the files of a yum repository lie.</summary>
internal static class YumLayout
{
    /// <summary>Folder of the metadata.</summary>
    public const string MetadataFolder = "repodata/";

    /// <summary>The pointer.</summary>
    public const string PointerKey = MetadataFolder + "repomd.xml";

    /// <summary>The detached signature of the pointer.</summary>
    public const string SignatureKey = PointerKey + ".asc";

    /// <summary>The public key that clients may fetch.</summary>
    public const string PublicKeyKey = PointerKey + ".key";

    private const string PackagesFolder = "Packages/";
    private const int DigestLength = 64;

    /// <summary>The immutable key of a metadata file.</summary>
    public static string IndexKey(string sha256, string fileName) => $"{MetadataFolder}{sha256}-{fileName}";

    /// <summary>File name of one of the lists.</summary>
    public static string FileName(string type, CompressionKind compression) => $"{type}.xml{Compressors.Extension(compression)}";

    /// <summary>The keys of a package's file: where it usually lies, and where it lies when that key holds other bytes.</summary>
    public static (string Usual, string ByDigest) PackageKeys(RepositoryConfiguration configuration, PackageIdentity identity, string sha256)
    {
        int colon = identity.Version.IndexOf(':', StringComparison.Ordinal);
        string file = $"{identity.Name}-{identity.Version[(colon + 1)..]}.{identity.Architecture}.rpm";

        // File names leave out the epoch: two versions that differ in nothing else must not share a key.
        string epoch = colon > 0 ? $"epoch-{identity.Version[..colon]}/" : string.Empty;
        string folder = configuration.Layout == RepositoryLayout.Flat ? string.Empty : $"{PackagesFolder}{char.ToLowerInvariant(identity.Name[0])}/";
        return (folder + epoch + file, $"{folder}{sha256[..16]}/{file}");
    }

    /// <summary>Whether a key is one of ours: what a transaction may have written and a sweep may remove.</summary>
    public static bool Owns(RepositoryConfiguration configuration, string key)
    {
        if (key.StartsWith(MetadataFolder, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> name = key.AsSpan(MetadataFolder.Length);
            return name.Length > DigestLength && name[DigestLength] == '-' && !name[..DigestLength].ContainsAnyExcept("0123456789abcdef");
        }

        return key.EndsWith(".rpm", StringComparison.Ordinal)
            && (configuration.Layout == RepositoryLayout.Flat || key.StartsWith(PackagesFolder, StringComparison.Ordinal));
    }

    /// <summary>Whether a location in foreign metadata stays in the repository.</summary>
    public static bool IsSafeKey(string key) =>
        key.Length > 0 && key[0] != '/' && !key.Contains("://", StringComparison.Ordinal) && !key.Contains('\0', StringComparison.Ordinal)
        && Array.TrueForAll(key.Split('/'), part => part is not ("" or "." or ".."));
}
