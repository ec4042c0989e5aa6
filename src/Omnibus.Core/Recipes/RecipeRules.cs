using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes;

/// <summary>Rules of a recipe that no single key can state.</summary>
internal static class RecipeRules
{
    /// <summary>Holds a recipe against them.</summary>
    public static void Check(RecipeDocument document, DistributionCatalog catalog, YamlProblems problems)
    {
        CheckDistributions(document, catalog, problems);
        NotEmpty(document, "distributions", document.Distributions.Count, "name at least one distribution");
        NotEmpty(document, "packages", document.Packages.Count, "describe at least one package");
        if (document.ChangelogFile is not null && document.Changelog.Count > 0)
        {
            problems.Add("RecipeKeysExclude", document.At("changelog-file"), "changelog-file", "only one of the keys 'changelog', 'changelog-file' may stand");
        }

        CheckPackages(document, catalog, problems);

        void NotEmpty(SchemaSection section, string key, int count, string wanted)
        {
            if (section.Has(key) && count == 0 && !problems.HasErrors)
            {
                problems.Add("RecipeValueInvalid", section.At(key), section.PathOf(key), $"'{key}' is empty: {wanted}");
            }
        }
    }

    private static void CheckDistributions(RecipeDocument document, DistributionCatalog catalog, YamlProblems problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DistributionSection section in document.Distributions)
        {
            if (!seen.Add(section.Name))
            {
                problems.Add("RecipeDuplicateName", section.At("name"), section.KeyPath, $"the distribution '{section.Name}' is named a second time");
            }
            else if (section.Name.Length > 0 && catalog.Find(section.Name) is null && section.Positions.Count <= 1)
            {
                problems.Add(
                    "DistributionUnknown",
                    section.At("name"),
                    section.KeyPath,
                    $"'{section.Name}' in {section.KeyPath} is no known distribution{catalog.Suggest(section.Name)}",
                    "Get-OmnibusDistribution lists them; a mapping with 'name' and 'like' defines one of your own.",
                    kind: ErrorKind.NotFound);
            }
        }
    }

    private static void CheckPackages(RecipeDocument document, DistributionCatalog catalog, YamlProblems problems)
    {
        IReadOnlyCollection<string> targets = catalog.OverrideTargets;
        foreach (PackageSection package in document.Packages)
        {
            for (int i = 0; i < package.OnlyFor.Count; i++)
            {
                if (!targets.Contains(package.OnlyFor[i]))
                {
                    string key = $"only-for[{i}]";
                    string? near = NearestName.Find(package.OnlyFor[i], targets);
                    problems.Add(
                        "RecipeUnknownDistribution",
                        package.At(key),
                        package.PathOf(key),
                        $"'{package.OnlyFor[i]}' in {package.PathOf(key)} is no distribution, family or format{(near is null ? string.Empty : $"; did you mean '{near}'?")}");
                }
            }
        }
    }
}
