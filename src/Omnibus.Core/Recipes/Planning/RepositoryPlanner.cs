using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Yaml;
using Omnibus.Core.Repositories;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Plans where the packages of one distribution are published.</summary>
internal sealed class RepositoryPlanner(Recipe recipe, RecipeDocument document, Distribution distribution, YamlProblems problems)
{
    /// <summary>Finds plans of several distributions that would fill one folder: a repository is for one.</summary>
    public static void CheckShared(Recipe recipe, IEnumerable<BuildPlan> plans, YamlProblems problems)
    {
        foreach (IGrouping<string, BuildPlan> shared in plans.Where(p => p.Repository is not null).GroupBy(p => p.Repository!.Path, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            RepositorySection section = recipe.Document.Repository ?? new RepositorySection();
            problems.Add(
                "RecipeRepositoryShared",
                recipe.Document.Repository is null ? recipe.Document.Place : section.At("path"),
                "repository.path",
                $"{string.Join(" and ", shared.Select(p => p.Distribution.Name))} would share the repository {shared.Key}",
                "A repository is for one distribution: put ${distribution} into its path.");
        }
    }

    /// <summary>Makes the plan.</summary>
    public RepositoryPlan Plan(RepositorySection section)
    {
        string natural = RepositoryFormats.Holding(distribution.Format).Name;
        if (section.Type is { } type && type.ToString() != natural)
        {
            problems.Add(
                "RecipeRepositoryTypeMismatch",
                section.At("type"),
                section.PathOf("type"),
                $"packages of {distribution.Name} go into a repository of type {natural.ToLowerInvariant()}, not {type.ToString().ToLowerInvariant()}",
                "Leave 'type' out.");
        }

        foreach ((string key, string? text) in new[] { ("path", section.Folder), ("destination", section.Destination), ("address", section.Address), ("testing-address", section.TestingAddress) })
        {
            // Those of the version are filled in only once it is known, and a repository holds many versions.
            if (text?.Contains("${", StringComparison.Ordinal) == true)
            {
                problems.Add("RecipeValueInvalid", section.At(key), section.PathOf(key), $"'{key}' holds a variable whose value is not known for {distribution.Name}", "Use ${distribution} or ${codename} there.");
            }
        }

        return new RepositoryPlan(natural, Path.GetFullPath(section.Folder ?? string.Empty, recipe.Directory))
        {
            SigningKey = section.SigningKey ?? document.Maintainer,
            Codename = section.Codename,
            Suite = section.Suite,
            Component = section.Component ?? "main",
            Origin = section.Origin ?? document.Vendor ?? recipe.Name,
            Address = section.Address,
            TestingAddress = section.TestingAddress,
            ReleaseVersion = section.ReleaseVersion ?? "1",
            Destination = section.Destination is { } destination && !destination.Contains("://", StringComparison.Ordinal) ? Path.GetFullPath(destination, recipe.Directory) : section.Destination,
            Channel = section.Channel,
        };
    }
}
