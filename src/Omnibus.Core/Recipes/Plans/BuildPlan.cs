using Omnibus.Core.Compression;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages.Linting;
using Omnibus.Core.Python;

namespace Omnibus.Core.Recipes.Plans;

/// <summary>
/// What is to be built for one distribution: the recipe with its overrides applied, its variables filled in and its paths made
/// absolute. Below this type no one knows YAML.
/// </summary>
/// <remarks>
/// A plan whose version comes from git or from the installed Python distribution is made without it; the build resolves the source and
/// goes on with <see cref="WithVersion"/>. Environment and build steps before that do not depend on the version.
/// </remarks>
public sealed record BuildPlan
{
    /// <summary>Name of the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>The target.</summary>
    public required Distribution Distribution { get; init; }

    /// <summary>Neutral name of the target's architecture: <c>x86_64</c>, <c>aarch64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Absolute path of the recipe's file.</summary>
    public required string RecipePath { get; init; }

    /// <summary>Absolute path of the folder that holds the recipe.</summary>
    public required string RecipeDirectory { get; init; }

    /// <summary>Version: where it comes from, how it is mapped, and what came of it.</summary>
    public required VersionPlan Version { get; init; }

    /// <summary><c>Name &lt;mail&gt;</c>.</summary>
    public required string Maintainer { get; init; }

    /// <summary>Who distributes it, or null.</summary>
    public string? Vendor { get; init; }

    /// <summary>Licence, or null.</summary>
    public string? License { get; init; }

    /// <summary>Home page, or null.</summary>
    public string? Homepage { get; init; }

    /// <summary>The Python environment, or null when there is none.</summary>
    public PythonEnvironmentSpec? Python { get; init; }

    /// <summary>Commands that the build runs.</summary>
    public IReadOnlyList<BuildStep> Steps { get; init; } = [];

    /// <summary>The packages, in the recipe's order.</summary>
    public required IReadOnlyList<PackagePlan> Packages { get; init; }

    /// <summary>Payload compression.</summary>
    public required CompressionSettings Compression { get; init; }

    /// <summary>Findings of lintian, rpmlint and our own rules that are accepted.</summary>
    public IReadOnlyList<LintAllowance> LintAllowances { get; init; } = [];

    /// <summary>What must hold once the packages are installed.</summary>
    public InstallTestPlan Tests { get; init; } = new();

    /// <summary>Where the packages are published, or null.</summary>
    public RepositoryPlan? Repository { get; init; }

    /// <summary>Variables of the recipe (<c>name</c>, <c>version</c>, …) as build steps get them: <c>OMNIBUS_NAME</c> and so on.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes the plan anew for a version that has become known; set by the planner.</summary>
    internal Func<string, BuildPlan>? Replan { get; init; }

    /// <summary>The same plan with its version resolved: mapped, and filled into texts, relations and steps.</summary>
    /// <param name="version">The source version, for example <c>1.4.0rc1</c>.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>VersionInvalid</c>: the scheme cannot read it.</exception>
    public BuildPlan WithVersion(string version) => Replan is { } replan ? replan(version) : this with { Version = Version.Resolve(version, Distribution.VersionSpelling) };
}
