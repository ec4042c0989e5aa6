using Omnibus.Core.Packages;

namespace Omnibus.Core.Recipes.Plans;

/// <summary>One package that a build makes, in the target format's own words, before files are looked at.</summary>
public sealed record PackagePlan
{
    /// <summary>Name on the target.</summary>
    public required string Name { get; init; }

    /// <summary>Architecture in the format's own name: <c>amd64</c>/<c>all</c> or <c>x86_64</c>/<c>noarch</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Whether <see cref="Architecture"/> is the machine's (not <c>all</c> or <c>noarch</c>).</summary>
    public bool IsNative { get; init; }

    /// <summary>One line.</summary>
    public required string Summary { get; init; }

    /// <summary>Longer text, or null.</summary>
    public string? Description { get; init; }

    /// <summary>deb Section, rpm Group, or null.</summary>
    public string? Section { get; init; }

    /// <summary>deb Priority.</summary>
    public string Priority { get; init; } = "optional";

    /// <summary>deb Multi-Arch, or null.</summary>
    public string? MultiArch { get; init; }

    /// <summary>Whether the Python environment goes into this package.</summary>
    public bool IncludesEnvironment { get; init; }

    /// <summary>Files, trees, directories, links (those to commands included), ghosts, in the recipe's order; firewalld, ufw and rsyslog files and units not included.</summary>
    public IReadOnlyList<ContentItem> Content { get; init; } = [];

    /// <summary>systemd units.</summary>
    public IReadOnlyList<SystemdUnitPlan> Units { get; init; } = [];

    /// <summary>firewalld, ufw and rsyslog files: their daemon is told after installation and removal, which never fails because of it.</summary>
    public IReadOnlyList<IntegrationFile> Integrations { get; init; } = [];

    /// <summary>Relations; the exact-version dependency on the base package is among them.</summary>
    public IReadOnlyList<PackageRelation> Relations { get; init; } = [];

    /// <summary>Maintainer scripts of the recipe, at most one a kind; what units and integrations need is added by the build.</summary>
    public IReadOnlyList<PackageScript> Scripts { get; init; } = [];

    /// <summary>Triggers of the target's format.</summary>
    public IReadOnlyList<PackageTrigger> Triggers { get; init; } = [];

    /// <summary>Changelog, newest first; empty: the build writes one section for this version.</summary>
    public IReadOnlyList<ChangelogEntry> Changelog { get; init; } = [];

    /// <summary>Documentation, copied to the package's doc folder.</summary>
    public IReadOnlyList<PlanPath> DocumentationFiles { get; init; } = [];

    /// <summary>Licence texts.</summary>
    public IReadOnlyList<PlanPath> LicenseFiles { get; init; } = [];

    /// <summary>Further fields of a deb's control file, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CustomFields { get; init; } = [];
}

/// <summary>What happens to a unit when its package is first installed.</summary>
public enum UnitEnablement
{
    /// <summary>As the target's presets say (on Debian: enabled).</summary>
    Preset,

    /// <summary>Enabled.</summary>
    Enabled,

    /// <summary>Left disabled.</summary>
    Disabled,
}

/// <summary>A systemd unit of a package.</summary>
/// <param name="Name">File name, for example <c>notes.service</c>.</param>
/// <param name="Source">The unit file.</param>
/// <param name="Destination">Absolute path on the target.</param>
public sealed record SystemdUnitPlan(string Name, PlanPath Source, string Destination)
{
    /// <summary>Whether it is enabled at first installation.</summary>
    public UnitEnablement Enable { get; init; }

    /// <summary>Whether it is started after installation. On Red Hat systems packages do not start services by default; true does it all the same.</summary>
    public bool Start { get; init; }

    /// <summary>Whether a running unit is restarted after an upgrade.</summary>
    public bool RestartOnUpgrade { get; init; } = true;
}

/// <summary>A daemon that reads files of other packages.</summary>
public enum IntegrationKind
{
    /// <summary>A service definition in <c>/usr/lib/firewalld/services</c>.</summary>
    Firewalld,

    /// <summary>An application profile in <c>/etc/ufw/applications.d</c>.</summary>
    Ufw,

    /// <summary>A configuration snippet in <c>/etc/rsyslog.d</c>.</summary>
    Rsyslog,
}

/// <summary>A file for another daemon. Those below /etc are configuration files.</summary>
/// <param name="Kind">Which daemon.</param>
/// <param name="Source">The file.</param>
/// <param name="Destination">Absolute path on the target.</param>
public sealed record IntegrationFile(IntegrationKind Kind, PlanPath Source, string Destination);
