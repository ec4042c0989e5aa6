using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Checks;
using Omnibus.Core.Recipes.Planning;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes;

/// <summary>Checks a recipe as far as that goes without building it.</summary>
public static class RecipeValidation
{
    /// <summary>Everything that is wrong with a recipe, or doubtful.</summary>
    /// <param name="path">The file, or a folder with an <c>omnibus.yml</c>.</param>
    /// <param name="catalog">Known distributions; null: those of Omnibus and of the configuration.</param>
    /// <param name="distributions">Distributions to check it for, by name; null: all that it names.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Findings by file and line, none when nothing is wrong. Ids that the recipe's own <c>lint</c> accepts are left out, mistakes of the recipe itself never.</returns>
    /// <exception cref="OmnibusException"><c>RecipeNotFound</c>, <c>RecipeAccessDenied</c>, <c>RecipeNotText</c>, <c>RecipeUnreadable</c>, <c>RecipeTooLarge</c>, <c>RecipeDistributionNotListed</c>.</exception>
    public static IReadOnlyList<Finding> Check(
        string path,
        DistributionCatalog? catalog = null,
        IReadOnlyList<string>? distributions = null,
        CancellationToken cancellationToken = default)
    {
        var problems = new YamlProblems(path);
        if (Recipe.Load(path, catalog, problems) is not { } recipe)
        {
            return problems.Findings;
        }

        var findings = new List<Finding>();
        var plans = new List<BuildPlan>();
        foreach (Distribution distribution in Targets(recipe, distributions))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = new YamlProblems(recipe.ShownPath);
            BuildPlan? plan = new RecipePlanner(recipe, distribution, new PlanOptions(), found).Plan();
            HashSet<string> accepted = [];
            if (plan is not null)
            {
                plans.Add(plan);
                new PlanCheck(recipe, plan, found).Run();
                accepted.UnionWith(plan.LintAllowances.Where(a => a.Packages.Count == 0 && a.Path is null).Select(a => a.Tag));
            }

            findings.AddRange(found.Findings.Where(f => !accepted.Contains(f.Id) && !findings.Contains(f)));
        }

        var shared = new YamlProblems(recipe.ShownPath);
        RepositoryPlanner.CheckShared(recipe, plans, shared);
        findings.AddRange(shared.Findings);
        return [.. findings.OrderBy(f => f.Subject, StringComparer.Ordinal).ThenBy(f => f.Line).ThenBy(f => f.Column)];
    }

    private static IEnumerable<Distribution> Targets(Recipe recipe, IReadOnlyList<string>? names)
    {
        if (names is null)
        {
            return recipe.Distributions;
        }

        return names.Select(name => recipe.Distributions.FirstOrDefault(d => d.Name == name) ?? throw recipe.NotListed(name));
    }
}
