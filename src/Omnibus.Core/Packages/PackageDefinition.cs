namespace Omnibus.Core.Packages;

/// <summary>A package to be written, free of any format: what a writer turns into bytes. Immutable; the same definition gives the same bytes.</summary>
public sealed record PackageDefinition
{
    /// <summary>Name on the target.</summary>
    public required string Name { get; init; }

    /// <summary>Version, already mapped to the target's spelling.</summary>
    public required PackageVersion Version { get; init; }

    /// <summary>Architecture in the format's own name: <c>amd64</c>/<c>all</c> or <c>x86_64</c>/<c>noarch</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>One line, without a full stop.</summary>
    public required string Summary { get; init; }

    /// <summary>Longer text: paragraphs parted by an empty line; null repeats the summary.</summary>
    public string? Description { get; init; }

    /// <summary><c>Name &lt;mail&gt;</c>.</summary>
    public required string Maintainer { get; init; }

    /// <summary>Who distributes it, or null.</summary>
    public string? Vendor { get; init; }

    /// <summary>SPDX expression or the distribution's spelling; rpm tag, deb copyright file.</summary>
    public string? License { get; init; }

    /// <summary>Home page, or null.</summary>
    public string? Homepage { get; init; }

    /// <summary>deb Section or rpm Group; null takes the format's default.</summary>
    public string? Section { get; init; }

    /// <summary>deb Priority.</summary>
    public string Priority { get; init; } = "optional";

    /// <summary>deb Multi-Arch, or null.</summary>
    public string? MultiArch { get; init; }

    /// <summary>deb Source, or rpm SOURCERPM; null: derived from the name.</summary>
    public string? SourceName { get; init; }

    /// <summary>Files, directories and links, in any order; one entry a path.</summary>
    public IReadOnlyList<PackageEntry> Entries { get; init; } = [];

    /// <summary>Relations to other packages.</summary>
    public IReadOnlyList<PackageRelation> Relations { get; init; } = [];

    /// <summary>Maintainer scripts, at most one a kind.</summary>
    public IReadOnlyList<PackageScript> Scripts { get; init; } = [];

    /// <summary>Triggers.</summary>
    public IReadOnlyList<PackageTrigger> Triggers { get; init; } = [];

    /// <summary>Changelog, newest first. Writers put it where the format wants it.</summary>
    public IReadOnlyList<ChangelogEntry> Changelog { get; init; } = [];

    /// <summary>Text of the copyright file (deb: /usr/share/doc/NAME/copyright, machine-readable when it can be); null: the writer adds none.</summary>
    public string? Copyright { get; init; }

    /// <summary>Further fields of the control file (deb only), in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CustomFields { get; init; } = [];

    /// <summary>The newest time that may appear anywhere in the package (SOURCE_DATE_EPOCH); also the build time.</summary>
    public DateTimeOffset Timestamp { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Name of the distribution it is made for (<c>debian-12</c>), or null.</summary>
    public string? Distribution { get; init; }
}
