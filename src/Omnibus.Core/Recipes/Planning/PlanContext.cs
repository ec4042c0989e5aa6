using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>What every part of the planner needs to know.</summary>
/// <param name="Document">The recipe, overrides applied and variables filled in.</param>
/// <param name="Distribution">The target.</param>
/// <param name="Version">The version as far as it is known.</param>
/// <param name="Architecture">The target's own name of the architecture.</param>
/// <param name="EnvironmentPath">Where the Python environment lies, or null without one.</param>
/// <param name="Paths">Reads paths.</param>
/// <param name="Problems">Takes mistakes.</param>
internal sealed record PlanContext(
    RecipeDocument Document,
    Distribution Distribution,
    VersionPlan Version,
    string Architecture,
    string? EnvironmentPath,
    RecipePaths Paths,
    YamlProblems Problems)
{
    /// <summary>Whether the target takes debs.</summary>
    public bool IsDeb => DistributionCatalog.FormatKey(Distribution) == "deb";
}
