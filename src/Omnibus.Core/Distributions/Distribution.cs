using Omnibus.Core.Compression;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Distributions;

/// <summary>What a distribution is, as far as packaging for it is concerned. Read from <c>distributions.yml</c>.</summary>
public sealed record Distribution
{
    /// <summary>Its name in recipes and on the command line: <c>debian-12</c>, <c>rocky-9</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its name for people: <c>Debian 12 (bookworm)</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Line of distributions that share packages: <c>debian</c>, <c>ubuntu</c>, <c>rhel</c>, <c>fedora</c>, <c>amazon</c>. Recipes override by it.</summary>
    public required string Family { get; init; }

    /// <summary><c>ID</c> of its os-release file: <c>debian</c>, <c>rocky</c>, <c>almalinux</c>, <c>amzn</c>.</summary>
    public required string OsId { get; init; }

    /// <summary><c>VERSION_ID</c> of its os-release file, without a minor number where the distribution's packages do not depend on it.</summary>
    public required string Version { get; init; }

    /// <summary>Codename (<c>bookworm</c>); null where it has none that a repository would use.</summary>
    public string? Codename { get; init; }

    /// <summary>Tag that a release may end with: <c>.el9</c>, <c>.fc43</c>, <c>+deb12</c>.</summary>
    public required string DistTag { get; init; }

    /// <summary>Package format: <c>Deb</c> or <c>Rpm</c> (a name in <see cref="Packages.PackageFormats"/>).</summary>
    public required string Format { get; init; }

    /// <summary>Architectures: neutral name (<c>x86_64</c>, <c>aarch64</c>) to the format's own.</summary>
    public required IReadOnlyDictionary<string, string> Architectures { get; init; }

    /// <summary>The format's name for packages of every architecture: <c>all</c> or <c>noarch</c>.</summary>
    public required string AnyArchitecture { get; init; }

    /// <summary>Payload compression that its package manager reads and its own packages use.</summary>
    public required CompressionSettings Compression { get; init; }

    /// <summary>Payload compressions that its package manager reads.</summary>
    public required IReadOnlyList<CompressionKind> PayloadCompressions { get; init; }

    /// <summary>Compressions of repository indexes that its clients read, best first.</summary>
    public required IReadOnlyList<CompressionKind> IndexCompressions { get; init; }

    /// <summary>Interpreters that its archive offers; the first is the default.</summary>
    public required IReadOnlyList<DistributionPython> Pythons { get; init; }

    /// <summary>Version of its C library: the newest symbols that a binary may ask for.</summary>
    public required string GlibcVersion { get; init; }

    /// <summary>Program that installs packages: <c>apt-get</c>, <c>dnf</c>, <c>yum</c>.</summary>
    public required string PackageManager { get; init; }

    /// <summary>Folder for systemd units of packages.</summary>
    public required string SystemdUnitDirectory { get; init; }

    /// <summary>How its packages spell versions.</summary>
    public required VersionSpelling VersionSpelling { get; init; }

    /// <summary>The format's name for a neutral architecture, or null when the distribution does not know it.</summary>
    public string? ArchitectureName(string neutral) => Architectures.GetValueOrDefault(neutral);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An interpreter that a distribution offers.</summary>
/// <param name="Version"><c>3.11</c>.</param>
/// <param name="Package">Package that brings it.</param>
/// <param name="Interpreter">Absolute path.</param>
public sealed record DistributionPython(string Version, string Package, string Interpreter);
