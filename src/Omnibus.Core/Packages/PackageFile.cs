namespace Omnibus.Core.Packages;

/// <summary>A package on disk, as read: the object that cmdlets emit and take. Format-neutral; the readers in Deb/ and Rpm/ give the rest.</summary>
public sealed record PackageFile
{
    /// <summary>Package name.</summary>
    public required string Name { get; init; }

    /// <summary>Upstream version without epoch and release.</summary>
    public required string Version { get; init; }

    /// <summary>Debian revision or rpm release; null for a native Debian package.</summary>
    public string? Release { get; init; }

    /// <summary>Epoch, 0 when there is none.</summary>
    public int Epoch { get; init; }

    /// <summary>Architecture in the format's own name.</summary>
    public required string Architecture { get; init; }

    /// <summary>Format: <c>Deb</c> or <c>Rpm</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The distribution it was built for, where that is known (packages that Omnibus just built), or null.</summary>
    public string? Distribution { get; init; }

    /// <summary>Path of the recipe that it was just built from, or null.</summary>
    public string? Recipe { get; init; }

    /// <summary>Absolute path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Lower-case hex SHA-256 of the file, or null when not computed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Bytes that it takes when installed.</summary>
    public long InstalledSize { get; init; }

    /// <summary>One line.</summary>
    public string Summary { get; init; } = string.Empty;

    /// <summary>Longer text.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>deb Maintainer, rpm Packager.</summary>
    public string? Maintainer { get; init; }

    /// <summary>Vendor.</summary>
    public string? Vendor { get; init; }

    /// <summary>Licence, where the format says it.</summary>
    public string? License { get; init; }

    /// <summary>Home page.</summary>
    public string? Homepage { get; init; }

    /// <summary>deb Section, rpm Group.</summary>
    public string? Section { get; init; }

    /// <summary>The package's own control data: every field of the deb's control file, in order; for rpm the tags that name it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>Relations.</summary>
    public IReadOnlyList<PackageRelation> Relations { get; init; } = [];

    /// <summary>Files, without content. Empty when they were not asked for.</summary>
    public IReadOnlyList<PackageFileEntry> Files { get; init; } = [];

    /// <summary>Maintainer scripts.</summary>
    public IReadOnlyList<PackageScript> Scripts { get; init; } = [];

    /// <summary>Triggers.</summary>
    public IReadOnlyList<PackageTrigger> Triggers { get; init; } = [];

    /// <summary>Changelog, newest first, where the format keeps it in the header.</summary>
    public IReadOnlyList<ChangelogEntry> Changelog { get; init; } = [];

    /// <summary>Epoch, version and release together.</summary>
    public PackageVersion FullVersion => new(Version, Release, Epoch);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {FullVersion} {Architecture}";
}

/// <summary>One path in a package that was read.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Absolute path on the target.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Owner">Owner.</param>
/// <param name="Group">Group.</param>
/// <param name="ModifiedTime">Time of last change.</param>
/// <param name="LinkTarget">Target of a link, or null.</param>
/// <param name="Digest">Hex digest that the package keeps (md5 in a deb, sha256 in an rpm), or null.</param>
/// <param name="Flags">What the package manager knows.</param>
public sealed record PackageFileEntry(
    PackageEntryKind Kind,
    string Path,
    int Mode,
    long Size,
    string Owner,
    string Group,
    DateTimeOffset ModifiedTime,
    string? LinkTarget = null,
    string? Digest = null,
    PackageEntryFlags Flags = PackageEntryFlags.None);
