namespace Omnibus.Core.Repositories;

/// <summary>A file of a published package.</summary>
/// <param name="Key">Its key in the store.</param>
/// <param name="Size">Bytes, as the index says.</param>
/// <param name="Sha256">Lower-case hex digest, as the index says; empty when it names none.</param>
public sealed record PublishedFile(string Key, long Size, string Sha256);

/// <summary>A package as a repository's published index describes it.</summary>
public sealed record PublishedPackage
{
    /// <summary>Component, name, version and architecture.</summary>
    public required PackageIdentity Identity { get; init; }

    /// <summary>Package name.</summary>
    public string Name => Identity.Name;

    /// <summary>Version, epoch and release included.</summary>
    public string Version => Identity.Version;

    /// <summary>Architecture in the format's own name.</summary>
    public string Architecture => Identity.Architecture;

    /// <summary>Component; empty where the format knows none.</summary>
    public string Component => Identity.Component;

    /// <summary>Key of the file in the store.</summary>
    public required string Key { get; init; }

    /// <summary>Size of the file in bytes, as the index says.</summary>
    public required long Size { get; init; }

    /// <summary>Lower-case hex SHA-256 of the file, as the index says; empty when it names none.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its further files: those that the .dsc of a source package names.</summary>
    public IReadOnlyList<PublishedFile> MoreFiles { get; init; } = [];

    /// <summary>All its files; the one that stands for the package comes first.</summary>
    public IReadOnlyList<PublishedFile> Files => [new PublishedFile(Key, Size, Sha256), .. MoreFiles];

    /// <summary>One line.</summary>
    public string Summary { get; init; } = string.Empty;

    /// <summary>deb Section or rpm Group, or null.</summary>
    public string? Section { get; init; }

    /// <summary>Source package or source rpm, or null where it is the package's own name.</summary>
    public string? Source { get; init; }

    /// <summary>Every field of the index entry, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The repository it was read from.</summary>
    public string Repository { get; init; } = string.Empty;

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();
}
