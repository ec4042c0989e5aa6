using Omnibus.Core.Packages;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Recipes.Plans;

/// <summary>Where a version comes from.</summary>
public enum VersionSourceKind
{
    /// <summary>It stands in the recipe, or was given on the command line.</summary>
    Literal,

    /// <summary>From git: the nearest tag and the commits since.</summary>
    Git,

    /// <summary>From the metadata of a distribution that was installed into the Python environment.</summary>
    PythonDistribution,
}

/// <summary>Version of a build.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Scheme">How it is mapped to the package's version.</param>
public sealed record VersionPlan(VersionSourceKind Source, VersionScheme Scheme)
{
    /// <summary>Python distribution whose version it is, for <see cref="VersionSourceKind.PythonDistribution"/>; null takes the recipe's name.</summary>
    public string? PythonDistribution { get; init; }

    /// <summary>Prefix of version tags, for <see cref="VersionSourceKind.Git"/>; null: none, or <c>v</c>.</summary>
    public string? GitTagPrefix { get; init; }

    /// <summary>Release that the recipe asks for; null leaves it to the scheme (1).</summary>
    public string? Release { get; init; }

    /// <summary>Epoch that the recipe asks for, or null for the version's own.</summary>
    public int? Epoch { get; init; }

    /// <summary>The source version once known (<c>1.4.0rc1</c>), or null.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>The package's version once known, in the target format's spelling, or null.</summary>
    public PackageVersion? PackageVersion { get; init; }

    /// <summary>Tag at the release's end (<c>.el9</c>), or null.</summary>
    public string? DistTag { get; init; }

    /// <summary>The same with its version known.</summary>
    /// <param name="version">The source version.</param>
    /// <param name="spelling">The target's spelling (<see cref="Distributions.Distribution.VersionSpelling"/>).</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>VersionInvalid</c>, <c>ReleaseNotAllowed</c>.</exception>
    public VersionPlan Resolve(string version, VersionSpelling spelling)
    {
        PackageVersion mapped = PackageVersionMapping.Map(version, Scheme, spelling, Release, DistTag);
        return this with { SourceVersion = version, PackageVersion = Epoch is { } epoch ? mapped with { Epoch = epoch } : mapped };
    }
}
