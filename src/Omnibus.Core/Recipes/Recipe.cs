using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Planning;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes;

/// <summary>A recipe: an <c>omnibus.yml</c> that was read and holds to the schema. Immutable.</summary>
public sealed class Recipe
{
    /// <summary>Name of the file that a folder's recipe is in.</summary>
    public const string FileName = "omnibus.yml";

    private Recipe(string path, string shownPath, YamlMapping root, RecipeDocument document, DistributionCatalog catalog)
    {
        Path = path;
        ShownPath = shownPath;
        Root = root;
        Document = document;
        Catalog = catalog;
        Distributions = [.. document.Distributions.Select(d => catalog.Get(d.Name))];
    }

    /// <summary>Absolute path of the file.</summary>
    public string Path { get; }

    /// <summary>The file as the caller named it; messages say it.</summary>
    public string ShownPath { get; }

    /// <summary>Absolute path of the folder that holds it.</summary>
    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Its name.</summary>
    public string Name => Document.Name;

    /// <summary>The distributions that it is to be built for, in its order.</summary>
    public IReadOnlyList<Distribution> Distributions { get; }

    /// <summary>The file's content before overrides and variables.</summary>
    public RecipeDocument Document { get; }

    /// <summary>The distributions that were known when it was read, its own definitions included.</summary>
    public DistributionCatalog Catalog { get; }

    /// <summary>The file's values.</summary>
    internal YamlMapping Root { get; }

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file, or a folder with an <c>omnibus.yml</c>; relative to the current folder.</param>
    /// <param name="catalog">Known distributions; null: those of Omnibus and of the configuration.</param>
    /// <exception cref="OmnibusException">
    /// <c>RecipeNotFound</c>, <c>RecipeAccessDenied</c>, <c>RecipeNotText</c>, <c>RecipeUnreadable</c>, <c>RecipeTooLarge</c>; <c>RecipeInvalid</c> with all mistakes as findings, or, when there is exactly
    /// one, its own id (<c>RecipeUnknownKey</c>, <c>RecipeMissingKey</c>, …).
    /// </exception>
    public static Recipe Load(string path, DistributionCatalog? catalog = null)
    {
        var problems = new YamlProblems(path);
        return Load(path, catalog, problems) ?? throw problems.ToException("RecipeInvalid");
    }

    /// <summary>What is to be built for one of the recipe's distributions.</summary>
    /// <param name="distribution">One of <see cref="Distributions"/>, by name.</param>
    /// <param name="options">Architecture and version; null for the defaults.</param>
    /// <exception cref="OmnibusException"><c>RecipeDistributionNotListed</c>; <c>RecipeInvalid</c> or the id of the only mistake that shows up for this target.</exception>
    public BuildPlan Plan(string distribution, PlanOptions? options = null)
    {
        Distribution target = Distributions.FirstOrDefault(d => d.Name == distribution) ?? throw NotListed(distribution);
        var problems = new YamlProblems(ShownPath);
        BuildPlan? plan = new RecipePlanner(this, target, options ?? new PlanOptions(), problems).Plan();
        problems.ThrowIfAny("RecipeInvalid");
        return plan!;
    }

    /// <summary>What is to be built for several of the recipe's distributions: every one is planned before the first is built.</summary>
    /// <param name="distributions">Names of some of <see cref="Distributions"/>; none: all.</param>
    /// <param name="options">Architecture and version; null for the defaults.</param>
    /// <exception cref="OmnibusException">Those of <see cref="Plan"/>, <c>RecipeRepositoryShared</c>.</exception>
    public IReadOnlyList<BuildPlan> PlanAll(IReadOnlyList<string> distributions, PlanOptions? options = null)
    {
        IEnumerable<string> wanted = distributions.Count > 0 ? distributions : Distributions.Select(d => d.Name);
        List<BuildPlan> plans = [.. wanted.Distinct(StringComparer.Ordinal).Select(name => Plan(name, options))];
        var problems = new YamlProblems(ShownPath);
        RepositoryPlanner.CheckShared(this, plans, problems);
        problems.ThrowIfAny("RecipeInvalid");
        return plans;
    }

    /// <summary>Reads a recipe and gathers its mistakes.</summary>
    /// <returns>The recipe, or null when it has mistakes.</returns>
    internal static Recipe? Load(string path, DistributionCatalog? catalog, YamlProblems problems)
    {
        string full = System.IO.Path.GetFullPath(path);
        string shown = path;
        if (System.IO.Directory.Exists(full))
        {
            full = System.IO.Path.Join(full, FileName);
            shown = System.IO.Path.Join(path, FileName);
        }

        string text = YamlReader.ReadText(full, shown, "RecipeNotFound");
        if (YamlReader.Read(text, shown, problems) is not { } root)
        {
            return null;
        }

        DistributionCatalog known = catalog ?? DistributionCatalog.Load();
        known = WithOwnDistributions(known, root, problems);
        var document = new SectionBinder(problems, RecipePlanner.OpenVariables, known.OverrideTargets).Bind<RecipeDocument>(root);
        RecipeRules.Check(document, known, problems);
        return problems.HasErrors ? null : new Recipe(full, shown, root, document, known);
    }

    /// <summary>The error that the recipe does not build for a distribution.</summary>
    internal OmnibusException NotListed(string distribution) => new(
        "RecipeDistributionNotListed",
        ErrorKind.InvalidArgument,
        $"{ShownPath}: the recipe does not build for '{distribution}'{Catalog.Suggest(distribution)}",
        distribution,
        $"It builds for {string.Join(", ", Distributions.Select(d => d.Name))}; add the distribution to its 'distributions'.");

    // A distribution that the recipe itself defines must be known before overrides can name it.
    private static DistributionCatalog WithOwnDistributions(DistributionCatalog catalog, YamlMapping root, YamlProblems problems)
    {
        if (root.Find("distributions")?.Value is not YamlSequence sequence)
        {
            return catalog;
        }

        // Mistakes inside are told by the reading of the whole file.
        var scratch = new YamlProblems(string.Empty);
        List<DistributionSection> sections = [.. sequence.Items.OfType<YamlMapping>()
            .Where(m => m.Keys.Count > 1)
            .Select((m, i) => new SectionBinder(scratch, VariableScope.Off).Bind<DistributionSection>(m, $"distributions[{i}]"))];
        return scratch.HasErrors ? catalog : catalog.With(sections, problems);
    }
}
