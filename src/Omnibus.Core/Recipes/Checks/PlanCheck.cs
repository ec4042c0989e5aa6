using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Checks;

/// <summary>Looks at a plan for what can be known to be wrong before anything is built.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="plan">Its plan for one distribution.</param>
/// <param name="problems">Takes what is found.</param>
internal sealed class PlanCheck(Recipe recipe, BuildPlan plan, YamlProblems problems)
{
    // Folders that belong to the machine's admin, its users, or nobody for long (Filesystem Hierarchy Standard 3.0).
    private static readonly string[] s_reserved = ["/usr/local/", "/home/", "/root/", "/tmp/", "/var/tmp/", "/proc/", "/sys/", "/dev/", "/run/", "/mnt/", "/media/"];

    /// <summary>Looks.</summary>
    public void Run()
    {
        CheckInterpreter();
        foreach (PackagePlan package in plan.Packages)
        {
            CheckFormatRules(package);
            CheckSummary(package);
            CheckPlaces(package);
            CheckLinks(package);
            foreach (SystemdUnitPlan unit in package.Units)
            {
                CheckFile(unit.Source, (text, file) => UnitFileCheck.Check(unit.Name, text, file, unit.Enable == UnitEnablement.Enabled));
            }

            foreach (IntegrationFile integration in package.Integrations)
            {
                CheckFile(integration.Source, (text, file) => IntegrationFileCheck.Check(integration.Kind, Path.GetFileName(integration.Destination), text, file));
            }
        }

        CheckTests();
    }

    private void CheckInterpreter()
    {
        if (plan.Python is not { } python || plan.Distribution.Pythons.Any(p => p.Interpreter == python.Interpreter))
        {
            return;
        }

        // An interpreter of one's own may lie anywhere else; below /usr/bin it must be the distribution's.
        bool isOwn = !python.Interpreter.StartsWith("/usr/bin/", StringComparison.Ordinal);
        PythonSection? section = recipe.Document.Python;
        problems.Add(
            "RecipeInterpreterUnavailable",
            section?.At("interpreter") ?? recipe.Document.Place,
            "python.interpreter",
            $"{plan.Distribution.Name} has no {python.Interpreter}; it has {string.Join(", ", plan.Distribution.Pythons.Select(p => p.Interpreter))}",
            "Name one of these, in an override where distributions differ.",
            isOwn ? FindingSeverity.Warning : FindingSeverity.Error);
    }

    private void CheckFormatRules(PackagePlan package)
    {
        if (plan.Version.PackageVersion is not { } version)
        {
            return;
        }

        var definition = new PackageDefinition
        {
            Name = package.Name,
            Version = version,
            Architecture = package.Architecture,
            Summary = package.Summary,
            Description = package.Description,
            Maintainer = plan.Maintainer,
            Vendor = plan.Vendor,
            License = plan.License,
            Homepage = plan.Homepage,
            Section = package.Section,
            Priority = package.Priority,
            MultiArch = package.MultiArch,
            Relations = package.Relations,
            Scripts = package.Scripts,
            Triggers = package.Triggers,
            Changelog = package.Changelog,
            CustomFields = package.CustomFields,
            Distribution = plan.Distribution.Name,
        };
        foreach (Finding finding in PackageFormats.Get(plan.Distribution.Format).Validate(definition))
        {
            (YamlPosition position, string path) = Locate(package.Name, "name");
            problems.Add(finding.Id, position, path, $"{package.Name} for {plan.Distribution.Name}: {finding.Message}", finding.Advice, finding.Severity);
        }
    }

    private void CheckSummary(PackagePlan package)
    {
        if (package.Summary.EndsWith('.') && !package.Summary.EndsWith("..", StringComparison.Ordinal))
        {
            (YamlPosition position, string path) = Locate(package.Name, "summary");
            problems.Add("RecipeSummaryFullStop", position, path, $"the summary of '{package.Name}' ends with a full stop; it is no sentence", severity: FindingSeverity.Warning);
        }
    }

    private void CheckPlaces(PackagePlan package)
    {
        foreach (ContentItem item in package.Content)
        {
            if (Array.Find(s_reserved, r => (item.Destination + "/").StartsWith(r, StringComparison.Ordinal)) is { } reserved)
            {
                (YamlPosition position, string path) = Locate(package.Name, "files");
                problems.Add(
                    "RecipePathReserved",
                    position,
                    path,
                    $"{item.Destination} of '{package.Name}' lies in {reserved.TrimEnd('/')}, which packages leave alone",
                    severity: FindingSeverity.Warning);
            }
        }
    }

    // A link into the environment is of use only where the environment is.
    private void CheckLinks(PackagePlan package)
    {
        if (plan.Python is not { } python || package.IncludesEnvironment || plan.Packages.FirstOrDefault(p => p.IncludesEnvironment) is not { } carrier)
        {
            return;
        }

        LinkItem? link = package.Content.OfType<LinkItem>().FirstOrDefault(l => l.Target.StartsWith(python.EnvironmentPath + "/", StringComparison.Ordinal));
        if (link is not null && !Reaches(package, carrier.Name, []))
        {
            (YamlPosition position, string path) = Locate(package.Name, "commands");
            problems.Add(
                "RecipeLinkDangling",
                position,
                path,
                $"{link.Destination} of '{package.Name}' points into the Python environment, but the package does not depend on '{carrier.Name}', which carries it",
                $"Add 'base: {carrier.Name}'.",
                FindingSeverity.Warning);
        }
    }

    private bool Reaches(PackagePlan package, string wanted, HashSet<string> seen)
    {
        IEnumerable<string> names = package.Relations.Where(r => r.Kind is RelationKind.Depends or RelationKind.PreDepends).SelectMany(r => r.Alternatives).Select(a => a.Name);
        return seen.Add(package.Name) && names.Any(n => n == wanted || (plan.Packages.FirstOrDefault(p => p.Name == n) is { } next && Reaches(next, wanted, seen)));
    }

    private void CheckFile(PlanPath source, Func<string, string, IReadOnlyList<Finding>> check)
    {
        if (source.Base != PlanPathBase.Source)
        {
            return;
        }

        string shown = Path.Join(Path.GetDirectoryName(recipe.ShownPath), Path.GetRelativePath(recipe.Directory, source.Path));
        string text;
        try
        {
            text = YamlReader.ReadText(source.Path, shown, "RecipeFileNotFound");
        }
        catch (OmnibusException e)
        {
            problems.Add(e.Id, recipe.Document.Place, string.Empty, e.Message, kind: e.Kind);
            return;
        }

        foreach (Finding finding in check(text, shown))
        {
            problems.Add(finding.Id, new YamlPosition(shown, finding.Line ?? 1, finding.Column ?? 1), string.Empty, finding.Message, finding.Advice, finding.Severity);
        }
    }

    private void CheckTests()
    {
        HashSet<string> units = [.. plan.Packages.SelectMany(p => p.Units).Select(u => u.Name)];
        TestSection? section = recipe.Document.Tests;
        for (int i = 0; i < plan.Tests.ActiveServices.Count; i++)
        {
            string service = plan.Tests.ActiveServices[i];
            if (units.Count > 0 && !units.Contains(service) && !units.Contains(service + ".service"))
            {
                problems.Add(
                    "RecipeTestUnitUnknown",
                    section?.At($"services[{i}]") ?? recipe.Document.Place,
                    $"tests.services[{i}]",
                    $"no package brings the unit '{service}' that is to be active",
                    severity: FindingSeverity.Warning);
            }
        }
    }

    // A plan does not know lines; the package of the same name in the file does.
    private (YamlPosition Position, string Path) Locate(string package, string key)
    {
        PackageSection? section = recipe.Document.Packages.FirstOrDefault(p => p.Name == package);
        return section is null ? (recipe.Document.At("packages"), "packages") : (section.At(key), section.PathOf(key));
    }
}
