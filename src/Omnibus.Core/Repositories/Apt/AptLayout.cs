using System.Text.RegularExpressions;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>One list of packages of a repository: Packages, or Sources.</summary>
/// <param name="Component">Component; empty in a flat repository.</param>
/// <param name="Architecture">Architecture; null in a flat repository, whose one index holds all.</param>
/// <param name="Folder">Folder beside the Release file, with its slash at the end; empty in a flat repository.</param>
internal sealed record AptIndex(string Component, string? Architecture, string Folder)
{
    /// <summary>What stands for an architecture where source packages are meant.</summary>
    public const string SourceArchitecture = "source";

    /// <summary>Whether it lists source packages.</summary>
    public bool IsSource => Architecture == SourceArchitecture;

    /// <summary>Path of the uncompressed index beside the Release file.</summary>
    public string Path => Folder + (IsSource ? "Sources" : "Packages");

    /// <summary>Whether packages of an architecture stand in it. <c>all</c> stands in every one.</summary>
    public bool Takes(string architecture) => IsSource || architecture == SourceArchitecture
        ? architecture == Architecture
        : Architecture is null || architecture == "all" || architecture == Architecture;

    /// <summary>What orders a stanza of it.</summary>
    public StanzaKey KeyOf(ReadOnlySpan<byte> stanza) => IsSource ? StanzaKey.OfSource(stanza) : StanzaKey.Of(stanza);

    /// <summary>Reads a stanza of it.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public PublishedPackage Read(ReadOnlySpan<byte> stanza, string item) => IsSource ? SourcesStanza.Read(stanza, Component, item) : PackagesStanza.Read(stanza, Component, item);
}

/// <summary>Where the files of an apt repository lie.</summary>
internal sealed partial class AptLayout(RepositoryConfiguration configuration)
{
    /// <summary>Compressions when none are configured: xz for today's clients, gzip for all.</summary>
    public static readonly IReadOnlyList<CompressionKind> UsualCompressions = [CompressionKind.Gzip, CompressionKind.Xz];

    private const string ContentsName = "Contents-";

    private static readonly IReadOnlyList<CompressionKind> s_contentsCompressions = [CompressionKind.Gzip];

    /// <summary>Folder of the Release file, with its slash at the end; empty in a flat repository.</summary>
    public string Root { get; } = configuration.Layout == RepositoryLayout.Flat ? string.Empty : $"dists/{configuration.Apt!.Codename}/";

    /// <summary>Key of the file that is the commit. Clients of a signed repository read InRelease first; an unsigned one must have none.</summary>
    public string PointerKey => Root + (configuration.SigningKeys.Count > 0 ? "InRelease" : "Release");

    /// <summary>Compressions of the indexes.</summary>
    public IReadOnlyList<CompressionKind> Compressions { get; } = configuration.Compressions.Count > 0 ? configuration.Compressions : UsualCompressions;

    /// <summary>The Sources indexes. They are published from the first source package on.</summary>
    public IReadOnlyList<AptIndex> SourceIndexes { get; } = configuration.Layout == RepositoryLayout.Flat
        ? [new AptIndex(string.Empty, AptIndex.SourceArchitecture, string.Empty)]
        : [.. configuration.Components.Select(component => new AptIndex(component, AptIndex.SourceArchitecture, $"{component}/source/"))];

    /// <summary>All Packages indexes.</summary>
    public IReadOnlyList<AptIndex> Indexes { get; } = configuration.Layout == RepositoryLayout.Flat
        ? [new AptIndex(string.Empty, null, string.Empty)]
        : [.. from component in configuration.Components
              from architecture in configuration.Architectures
              select new AptIndex(component, architecture, $"{component}/binary-{architecture}/")];

    /// <summary>The components; one without a name in a flat repository.</summary>
    public IReadOnlyList<string> Components { get; } = configuration.Layout == RepositoryLayout.Flat ? [string.Empty] : configuration.Components;

    /// <summary>Path of the uncompressed list of files of a component and an architecture (apt-file's <c>Contents-deb</c> target).</summary>
    public static string ContentsPath(string component, string architecture) => component.Length == 0 ? $"{ContentsName}{architecture}" : $"{component}/{ContentsName}{architecture}";

    /// <summary>Path of the uncompressed long descriptions of a component; in a flat repository the name of the language alone (apt's <c>Translations</c> target).</summary>
    public static string TranslationPath(string component) => component.Length == 0 ? "en" : $"{component}/i18n/Translation-en";

    /// <summary>Compressions of an index: lists of files are gzip for every tool that reads them, and many times larger than the others.</summary>
    /// <param name="path">Path of the uncompressed index.</param>
    public IReadOnlyList<CompressionKind> CompressionsOf(string path) => IsContents(path) ? s_contentsCompressions : Compressions;

    /// <summary>Whether a file that the Release file names is stored: uncompressed ones are only where that is a compression of its own.</summary>
    public bool IsStored(string path) => System.IO.Path.GetExtension(path) is ".gz" or ".xz" or ".zst" || CompressionsOf(path).Contains(CompressionKind.None);

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
        bool isSource = identity.Architecture == AptIndex.SourceArchitecture;
        string file = $"{identity.Name}_{identity.Version[(colon + 1)..]}{(isSource ? ".dsc" : $"_{identity.Architecture}.deb")}";

        // File names leave out the epoch: two versions that differ in nothing else must not share a key.
        string epoch = colon > 0 && identity.Version[..colon] != "0" ? $"epoch-{identity.Version[..colon]}/" : string.Empty;
        string folder = configuration.Layout == RepositoryLayout.Flat ? string.Empty : $"pool/{identity.Component}/{Prefix(source)}/{source}/";
        return (folder + epoch + file, $"{folder}{sha256[..16]}/{file}");
    }

    /// <summary>Whether a key is one of ours: what a transaction may have written and a sweep may remove.</summary>
    public bool Owns(string key) => configuration.Layout == RepositoryLayout.Flat
        ? key.StartsWith("by-hash/", StringComparison.Ordinal) || key.EndsWith(".deb", StringComparison.Ordinal) || SourceFilePattern().IsMatch(key)
        : (key.StartsWith(Root, StringComparison.Ordinal) && key.Contains("/by-hash/", StringComparison.Ordinal)) || key.StartsWith("pool/", StringComparison.Ordinal);

    private static bool IsContents(string path) => path.AsSpan(path.LastIndexOf('/') + 1).StartsWith(ContentsName, StringComparison.Ordinal);

    // dsc(5): what dpkg-source makes, with signatures of the authors beside.
    [GeneratedRegex(@"(?:^|/)[^/]+_[^/]+\.(?:dsc|diff\.gz|tar\.(?:gz|xz|bz2|lzma|zst))(?:\.asc)?$")]
    private static partial Regex SourceFilePattern();

    // Debian's pool: by the first letter, libraries by four.
    private static string Prefix(string source) =>
        source.Length > 3 && source.StartsWith("lib", StringComparison.Ordinal) ? source[..4] : source[..1];
}
