using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Applies the overrides of a recipe for one target: those of the whole file, then those of each package.</summary>
internal static class RecipeOverrides
{
    /// <summary>The recipe as it is for a distribution, without <c>overrides</c>.</summary>
    public static YamlMapping Apply(YamlMapping root, Distribution distribution)
    {
        YamlMapping merged = Merge(root, distribution);
        if (merged.Find("packages") is not { Value: YamlSequence packages } key)
        {
            return merged;
        }

        var items = packages.Items.Select(p => p is YamlMapping package ? Merge(package, distribution) : p);
        YamlKey replaced = key with { Value = new YamlSequence(packages.Position, null, [.. items]) };
        return new YamlMapping(merged.Position, null, [.. merged.Keys.Select(k => k.Name == key.Name ? replaced : k)]);
    }

    // General before special: format, family, distribution.
    private static YamlMapping Merge(YamlMapping mapping, Distribution distribution)
    {
        if (mapping.Find("overrides")?.Value is not YamlMapping overrides)
        {
            return mapping;
        }

        var result = new YamlMapping(mapping.Position, null, [.. mapping.Keys.Where(k => k.Name != "overrides")]);
        foreach (string target in new[] { DistributionCatalog.FormatKey(distribution), distribution.Family, distribution.Name }.Distinct(StringComparer.Ordinal))
        {
            if (overrides.Find(target)?.Value is YamlMapping over)
            {
                result = YamlMerge.Merge(result, over);
            }
        }

        return new YamlMapping(mapping.Position, null, result.Keys);
    }
}
