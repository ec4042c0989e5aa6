using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>One Packages index of a repository.</summary>
/// <param name="Component">Component; empty in a flat repository.</param>
/// <param name="Architecture">Architecture; null in a flat repository, whose one index holds all.</param>
/// <param name="Folder">Folder beside the Release file, with its slash at the end; empty in a flat repository.</param>
internal sealed record AptIndex(string Component, string? Architecture, string Folder)
{
    /// <summary>Path of the uncompressed index beside the Release file.</summary>
    public string Path => Folder + "Packages";

    /// <summary>Whether packages of an architecture stand in it. <c>all</c> stands in every one.</summary>
    public bool Takes(string architecture) => Architecture is null || architecture == "all" || architecture == Architecture;
}

/// <summary>Where the files of an apt repository lie.</summary>
internal sealed class AptLayout(RepositoryConfiguration configuration)
{
    /// <summary>Compressions when none are configured: xz for today's clients, gzip for all.</summary>
    public static readonly IReadOnlyList<CompressionKind> UsualCompressions = [CompressionKind.Gzip, CompressionKind.Xz];

    /// <summary>Folder of the Release file, with its slash at the end; empty in a flat repository.</summary>
    public string Root { get; } = configuration.Layout == RepositoryLayout.Flat ? string.Empty : $"dists/{configuration.Apt!.Codename}/";

    /// <summary>Key of the file that is the commit. Clients of a signed repository read InRelease first; an unsigned one must have none.</summary>
    public string PointerKey => Root + (configuration.SigningKeys.Count > 0 ? "InRelease" : "Release");

    /// <summary>Compressions of the indexes.</summary>
    public IReadOnlyList<CompressionKind> Compressions { get; } = configuration.Compressions.Count > 0 ? configuration.Compressions : UsualCompressions;

    /// <summary>All indexes.</summary>
    public IReadOnlyList<AptIndex> Indexes { get; } = configuration.Layout == RepositoryLayout.Flat
        ? [new AptIndex(string.Empty, null, string.Empty)]
        : [.. from component in configuration.Components
              from architecture in configuration.Architectures
              select new AptIndex(component, architecture, $"{component}/binary-{architecture}/")];

    /// <summary>The immutable key of an index file.</summary>
    /// <param name="path">Its path beside the Release file.</param>
    /// <param name="sha256">Its digest.</param>
    public string ByHashKey(string path, string sha256)
    {
        int slash = path.LastIndexOf('/');
        return $"{Root}{path[..(slash + 1)]}by-hash/SHA256/{sha256}";
    }

    /// <summary>The keys of a package's file: where it usually lies, and where it lies when that key holds other bytes.</summary>
    public (string Usual, string ByDigest) PackageKeys(PackageIdentity identity, string source, string sha256)
    {
        int colon = identity.Version.IndexOf(':', StringComparison.Ordinal);
        string file = $"{identity.Name}_{identity.Version[(colon + 1)..]}_{identity.Architecture}.deb";

        // File names leave out the epoch: two versions that differ in nothing else must not share a key.
        string epoch = colon > 0 && identity.Version[..colon] != "0" ? $"epoch-{identity.Version[..colon]}/" : string.Empty;
        string folder = configuration.Layout == RepositoryLayout.Flat ? string.Empty : $"pool/{identity.Component}/{Prefix(source)}/{source}/";
        return (folder + epoch + file, $"{folder}{sha256[..16]}/{file}");
    }

    /// <summary>Whether a key is one of ours: what a transaction may have written and a sweep may remove.</summary>
    public bool Owns(string key) => configuration.Layout == RepositoryLayout.Flat
        ? key.StartsWith("by-hash/", StringComparison.Ordinal) || key.EndsWith(".deb", StringComparison.Ordinal)
        : (key.StartsWith(Root, StringComparison.Ordinal) && key.Contains("/by-hash/", StringComparison.Ordinal)) || key.StartsWith("pool/", StringComparison.Ordinal);

    // Debian's pool: by the first letter, libraries by four.
    private static string Prefix(string source) =>
        source.Length > 3 && source.StartsWith("lib", StringComparison.Ordinal) ? source[..4] : source[..1];
}
