using Omnibus.Core.Compression;
using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Distributions;

/// <summary>A distribution as <c>distributions.yml</c> or a recipe writes it.</summary>
[SectionTitle("A distribution", "distributions[]")]
[ShortForm("name")]
public sealed class DistributionSection : SchemaSection
{
    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Its name: debian-12. A single text is short for this.", Required = true, Pattern = "^[a-z0-9][a-z0-9.-]*$", Expected = "lower-case letters, digits, dots and dashes", Variables = false)]
    public string Name { get; init; } = string.Empty;

    /// <summary>Key <c>like</c>.</summary>
    [RecipeKey("like", "Distribution whose properties it takes where it has none of its own.", Variables = false)]
    public string? Like { get; init; }

    /// <summary>Key <c>title</c>.</summary>
    [RecipeKey("title", "Its name for people.", Variables = false)]
    public string? Title { get; init; }

    /// <summary>Key <c>family</c>.</summary>
    [RecipeKey("family", "Line of distributions that overrides can name: debian, ubuntu, rhel, fedora, amazon, or one of your own.", Pattern = "^[a-z][a-z0-9-]*$", Expected = "a word in lower case", Variables = false)]
    public string? Family { get; init; }

    /// <summary>Key <c>os-id</c>.</summary>
    [RecipeKey("os-id", "ID in its os-release file.", Variables = false)]
    public string? OsId { get; init; }

    /// <summary>Key <c>version</c>.</summary>
    [RecipeKey("version", "VERSION_ID in its os-release file.", Variables = false)]
    public string? Version { get; init; }

    /// <summary>Key <c>codename</c>.</summary>
    [RecipeKey("codename", "Its codename.", Variables = false)]
    public string? Codename { get; init; }

    /// <summary>Key <c>dist-tag</c>.</summary>
    [RecipeKey("dist-tag", "Tag at the end of a release: .el9", Pattern = "^[.+~][A-Za-z0-9.+~]+$", Expected = "a tag that begins with '.', '+' or '~'", Variables = false)]
    public string? DistTag { get; init; }

    /// <summary>Key <c>format</c>.</summary>
    [RecipeKey("format", "Package format.")]
    public DistributionFormat? Format { get; init; }

    /// <summary>Key <c>caret-versions</c>.</summary>
    [RecipeKey("caret-versions", "Whether its rpm knows ^ in versions (rpm 4.15 and later).", Default = "false")]
    public bool? CaretVersions { get; init; }

    /// <summary>Key <c>architectures</c>.</summary>
    [RecipeKey("architectures", "Architectures: neutral name (x86_64, aarch64) to the format's own.", Pattern = "^[a-z0-9_-]+$", Expected = "an architecture", Variables = false)]
    public IReadOnlyDictionary<string, string>? Architectures { get; init; }

    /// <summary>Key <c>compression</c>.</summary>
    [RecipeKey("compression", "Payload compression of its own packages.")]
    public CompressionKind? Compression { get; init; }

    /// <summary>Key <c>payload-compressions</c>.</summary>
    [RecipeKey("payload-compressions", "Payload compressions that its package manager reads.")]
    public IReadOnlyList<CompressionKind>? PayloadCompressions { get; init; }

    /// <summary>Key <c>index-compressions</c>.</summary>
    [RecipeKey("index-compressions", "Compressions of repository indexes that its clients read, best first.")]
    public IReadOnlyList<CompressionKind>? IndexCompressions { get; init; }

    /// <summary>Key <c>pythons</c>.</summary>
    [RecipeKey("pythons", "Interpreters that its archive offers, the default first.")]
    public IReadOnlyList<DistributionPythonSection>? Pythons { get; init; }

    /// <summary>Key <c>glibc</c>.</summary>
    [RecipeKey("glibc", "Version of its C library.", Pattern = "^[0-9]+\\.[0-9]+$", Expected = "a version like 2.36", Variables = false)]
    public string? Glibc { get; init; }

    /// <summary>Key <c>package-manager</c>.</summary>
    [RecipeKey("package-manager", "Program that installs packages.")]
    public PackageManagerProgram? PackageManager { get; init; }

    /// <summary>Key <c>systemd-units</c>.</summary>
    [RecipeKey("systemd-units", "Folder for systemd units of packages.", Pattern = "^/", Expected = "an absolute path", Variables = false)]
    public string? SystemdUnits { get; init; }
}

/// <summary>An interpreter.</summary>
[SectionTitle("An interpreter of a distribution", "distributions[].pythons[]")]
public sealed class DistributionPythonSection : SchemaSection
{
    /// <summary>Key <c>version</c>.</summary>
    [RecipeKey("version", "Its version: 3.11", Required = true, Pattern = "^[0-9]+\\.[0-9]+$", Expected = "a version like 3.11", Variables = false)]
    public string Version { get; init; } = string.Empty;

    /// <summary>Key <c>package</c>.</summary>
    [RecipeKey("package", "Package that brings it.", Required = true, Variables = false)]
    public string Package { get; init; } = string.Empty;

    /// <summary>Key <c>interpreter</c>.</summary>
    [RecipeKey("interpreter", "Its absolute path.", Required = true, Pattern = "^/", Expected = "an absolute path", Variables = false)]
    public string Interpreter { get; init; } = string.Empty;
}

/// <summary>Package formats of distributions.</summary>
public enum DistributionFormat
{
    /// <summary>deb.</summary>
    Deb,

    /// <summary>rpm.</summary>
    Rpm,
}

/// <summary>Programs that install packages.</summary>
public enum PackageManagerProgram
{
    /// <summary>apt-get.</summary>
    AptGet,

    /// <summary>dnf.</summary>
    Dnf,

    /// <summary>yum.</summary>
    Yum,
}

/// <summary>A file of distributions.</summary>
[SectionTitle("A file of distributions", "distributions.yml")]
public sealed class DistributionsDocument : SchemaSection
{
    /// <summary>Key <c>distributions</c>.</summary>
    [RecipeKey("distributions", "The distributions.", Required = true)]
    public IReadOnlyList<DistributionSection> Distributions { get; init; } = [];
}
