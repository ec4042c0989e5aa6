using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Plans one package.</summary>
internal sealed class PackagePlanner(PlanContext context, PackageSection package, bool includesEnvironment)
{
    /// <summary>The plan, or null when it cannot be made (the problems say why).</summary>
    public PackagePlan? Plan()
    {
        string? summary = package.Summary ?? context.Document.Summary;
        if (summary is null)
        {
            context.Problems.Add(
                "RecipeMissingKey",
                package.Place,
                package.PathOf("summary"),
                $"the key 'summary' is missing in {package.KeyPath}, and the recipe has none: one line that says what it is");
            return null;
        }

        bool isNative = (package.Architecture ?? (includesEnvironment ? PackageArchitecture.Native : PackageArchitecture.All)) == PackageArchitecture.Native;
        var content = new ContentPlanner(context, package);
        var scripts = new ScriptPlanner(context, package);
        return new PackagePlan
        {
            Name = package.Name,
            Architecture = isNative ? context.Architecture : context.Distribution.AnyArchitecture,
            IsNative = isNative,
            Summary = summary,
            Description = (package.Description ?? context.Document.Description)?.Trim(),
            Section = package.Section,
            Priority = SectionSchema.WithDashes(package.Priority.ToString()),
            MultiArch = package.MultiArch is { } multiArch ? SectionSchema.WithDashes(multiArch.ToString()) : null,
            IncludesEnvironment = includesEnvironment,
            Content = content.Content(),
            Units = content.Units(),
            Integrations = content.Integrations(),
            Relations = Relations(),
            Scripts = scripts.Scripts(),
            Triggers = scripts.Triggers(),
            Changelog = Changelog(),
            DocumentationFiles = Sources("documentation", package.Documentation),
            LicenseFiles = Sources("licenses", package.Licenses),
            CustomFields = [.. package.Fields],
        };
    }

    private List<PackageRelation> Relations()
    {
        (RelationKind Kind, string Key, IReadOnlyList<RelationSection> Sections)[] all =
        [
            (RelationKind.Depends, "depends", package.Depends),
            (RelationKind.PreDepends, "pre-depends", package.PreDepends),
            (RelationKind.Recommends, "recommends", package.Recommends),
            (RelationKind.Suggests, "suggests", package.Suggests),
            (RelationKind.Enhances, "enhances", package.Enhances),
            (RelationKind.Supplements, "supplements", package.Supplements),
            (RelationKind.Conflicts, "conflicts", package.Conflicts),
            (RelationKind.Breaks, "breaks", package.Breaks),
            (RelationKind.Replaces, "replaces", package.Replaces),
            (RelationKind.Obsoletes, "obsoletes", package.Obsoletes),
            (RelationKind.Provides, "provides", package.Provides),
        ];
        var relations = new List<PackageRelation>();
        if (package.Base is { } basePackage)
        {
            relations.Add(PackageRelation.To(RelationKind.Depends, basePackage, RelationOperator.Equal, context.Version.PackageVersion?.ToString() ?? "${package-version}"));
        }

        foreach ((RelationKind kind, string key, IReadOnlyList<RelationSection> sections) in all)
        {
            for (int i = 0; i < sections.Count; i++)
            {
                if (Relation(kind, sections[i]) is { } relation)
                {
                    relations.Add(relation);
                }
            }
        }

        AddInterpreter(relations);
        return relations;
    }

    private PackageRelation? Relation(RelationKind kind, RelationSection section)
    {
        if (RelationReader.Read(kind, section.On) is not { } relation)
        {
            context.Problems.Add(
                "RecipeValueInvalid",
                section.At("on"),
                section.KeyPath,
                $"'{section.On}' in {section.KeyPath} is no relation; expected 'name', 'name (>= 1.0)' or 'one | other'");
            return null;
        }

        if (context.IsDeb && relation.RichExpression is not null)
        {
            context.Problems.Add(
                "RecipeRelationUnsupported",
                section.At("on"),
                section.KeyPath,
                $"{section.KeyPath}: rich dependencies are rpm's; {context.Distribution.Name} takes debs",
                "Put it into 'overrides: rpm:'.");
            return null;
        }

        RelationQualifiers qualifiers = section.When.Aggregate(RelationQualifiers.None, (all, one) => all | (RelationQualifiers)one);
        return relation with { Qualifiers = qualifiers };
    }

    // The environment's python is a link to the distribution's own: it needs just that interpreter.
    private void AddInterpreter(List<PackageRelation> relations)
    {
        if (!includesEnvironment || context.EnvironmentPath is null)
        {
            return;
        }

        string interpreter = RecipePlanner.InterpreterPath(context.Document, context.Distribution);
        if (context.Distribution.Pythons.FirstOrDefault(p => p.Interpreter == interpreter) is { } python
            && !relations.Exists(r => r.Kind is RelationKind.Depends or RelationKind.PreDepends && r.Alternatives.Any(a => a.Name == python.Package)))
        {
            relations.Add(PackageRelation.To(RelationKind.Depends, python.Package));
        }
    }

    private IReadOnlyList<PlanPath> Sources(string key, IReadOnlyList<string> files)
    {
        var paths = new List<PlanPath>();
        for (int i = 0; i < files.Count; i++)
        {
            if (context.Paths.Source(files[i], package, string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"), RecipePaths.Expectation.File) is { } path)
            {
                paths.Add(path);
            }
        }

        return paths;
    }

    private IReadOnlyList<ChangelogEntry> Changelog()
    {
        RecipeDocument recipe = context.Document;
        if (recipe.ChangelogFile is { } file)
        {
            if (context.Paths.Local(file, recipe, "changelog-file", RecipePaths.Expectation.File) is not { } path)
            {
                return [];
            }

            try
            {
                return DebianChangelog.Read(YamlReader.ReadText(path, file, "RecipeFileNotFound"));
            }
            catch (FormatException e)
            {
                context.Problems.Add("RecipeChangelogInvalid", recipe.At("changelog-file"), "changelog-file", $"'{file}' in changelog-file, {e.Message}");
            }
            catch (OmnibusException e)
            {
                context.Problems.Add(e.Id, recipe.At("changelog-file"), "changelog-file", e.Message, kind: e.Kind);
            }

            return [];
        }

        var entries = new List<ChangelogEntry>();
        foreach (ChangelogSection section in recipe.Changelog)
        {
            if (!DateTimeOffset.TryParse(section.Date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                context.Problems.Add("RecipeValueInvalid", section.At("date"), section.PathOf("date"), $"'{section.Date}' in {section.PathOf("date")} is no date of the calendar");
                continue;
            }

            string version = section.Version ?? context.Version.PackageVersion?.ToString() ?? "${package-version}";
            entries.Add(new ChangelogEntry(version, time, section.Author ?? recipe.Maintainer, section.Changes));
        }

        return entries;
    }
}
