using System.Runtime.InteropServices;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Linting;
using Omnibus.Core.Python;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Makes the plan of a recipe for one distribution: overrides, variables, paths, and the words of the target.</summary>
internal sealed class RecipePlanner(Recipe recipe, Distribution distribution, PlanOptions options, YamlProblems problems)
{
    private const int VariableLimit = 512;

    private static readonly string[] s_variables =
    [
        "architecture", "build", "codename", "dist-tag", "distribution", "environment", "family", "format", "interpreter", "name", "package-version", "version",
    ];

    /// <summary>All variables, none with a value: for reading a recipe before anything is known.</summary>
    public static VariableScope OpenVariables { get; } = new(s_variables.ToDictionary(v => v, _ => (string?)null, StringComparer.Ordinal));

    /// <summary>Absolute path of the interpreter that a recipe wants on a target.</summary>
    public static string InterpreterPath(RecipeDocument document, Distribution distribution)
    {
        string? wanted = document.Python?.Interpreter;
        if (wanted is null || wanted is "python3" or "/usr/bin/python3")
        {
            return distribution.Pythons.Count > 0 ? distribution.Pythons[0].Interpreter : "/usr/bin/python3";
        }

        return wanted.StartsWith('/') ? wanted : "/usr/bin/" + wanted;
    }

    /// <summary>The plan, or null when it cannot be made (the problems say why).</summary>
    public BuildPlan? Plan()
    {
        string neutral = options.Architecture ?? HostArchitecture();
        if (distribution.ArchitectureName(neutral) is not { } architecture)
        {
            problems.Add(
                "ArchitectureUnknown",
                recipe.Document.At("distributions"),
                "distributions",
                $"{distribution.Name} knows no architecture '{neutral}'; it knows {string.Join(", ", distribution.Architectures.Keys)}",
                kind: ErrorKind.Unsupported);
            return null;
        }

        YamlMapping merged = RecipeOverrides.Apply(recipe.Root, distribution);
        var values = s_variables.ToDictionary(v => v, _ => (string?)null, StringComparer.Ordinal);
        values["architecture"] = architecture;
        values["codename"] = distribution.Codename ?? distribution.Version;
        values["dist-tag"] = distribution.DistTag;
        values["distribution"] = distribution.Name;
        values["family"] = distribution.Family;
        values["format"] = DistributionCatalog.FormatKey(distribution);
        values["name"] = recipe.Name;

        if (!AreShort(values))
        {
            return null;
        }

        // The environment's path and the interpreter may hold the variables above, and are variables themselves.
        var first = new SectionBinder(new YamlProblems(string.Empty), new VariableScope(values)).Bind<RecipeDocument>(merged);
        if (first.Python is not null)
        {
            values["environment"] = first.Python.EnvironmentPath ?? "/opt/" + recipe.Name;
            values["interpreter"] = InterpreterPath(first, distribution);
        }

        if (Version(first) is not { } version || !AreShort(values))
        {
            return null;
        }

        values["version"] = version.SourceVersion;
        values["package-version"] = version.PackageVersion?.ToString();
        var document = new SectionBinder(problems, new VariableScope(values)).Bind<RecipeDocument>(merged);
        return problems.HasErrors ? null : Plan(document, version, architecture, neutral, values);
    }

    // A long value that is filled in a hundred thousand times would need more memory than there is.
    private bool AreShort(Dictionary<string, string?> values)
    {
        foreach ((string name, string? value) in values)
        {
            if (value?.Length > VariableLimit)
            {
                problems.Add("RecipeTooLarge", recipe.Document.Place, name, $"the value of the variable '{name}' is longer than {VariableLimit} characters");
                return false;
            }
        }

        return true;
    }

    private static string HostArchitecture() => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        Architecture.X86 => "i686",
        Architecture.Arm => "armv7l",
        var other => other.ToString().ToLowerInvariant(),
    };

    private BuildPlan? Plan(RecipeDocument document, VersionPlan version, string architecture, string neutral, Dictionary<string, string?> values)
    {
        var paths = new RecipePaths(recipe.Directory, problems);
        PythonEnvironmentSpec? python = document.Python is { } section ? Python(document, section, paths) : null;
        var context = new PlanContext(document, distribution, version, architecture, python?.EnvironmentPath, paths, problems);
        List<PackageSection> sections = [.. document.Packages.Where(p => p.OnlyFor.Count == 0 || p.OnlyFor.Any(IsTarget))];
        PackageSection? carrier = Carrier(document, sections);
        CheckNames(document, sections);
        List<PackagePlan?> packages = [.. sections.Select(p => new PackagePlanner(context, p, ReferenceEquals(p, carrier)).Plan())];
        var plan = new BuildPlan
        {
            Name = recipe.Name,
            Distribution = distribution,
            Architecture = neutral,
            RecipePath = recipe.Path,
            RecipeDirectory = recipe.Directory,
            Version = version,
            Maintainer = document.Maintainer,
            Vendor = document.Vendor,
            License = document.License,
            Homepage = document.Homepage,
            Python = python,
            Steps = [.. document.Build.Select(s => Step(s, paths)).OfType<BuildStep>()],
            Packages = [.. packages.OfType<PackagePlan>()],
            Compression = Compression(document),
            LintAllowances = [.. document.Lint.Select(l => new LintAllowance(l.Tag) { Packages = l.Packages, Path = l.FilePattern, Reason = l.Reason })],
            Tests = Tests(document.Tests),
            Repository = document.Repository is { } repository ? new RepositoryPlanner(recipe, document, distribution, problems).Plan(repository) : null,
            Variables = values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!, StringComparer.Ordinal),
            Replan = Replan,
        };
        return problems.HasErrors ? null : plan;
    }

    private BuildPlan Replan(string version)
    {
        var again = new YamlProblems(recipe.ShownPath);
        BuildPlan? plan = new RecipePlanner(recipe, distribution, options with { ResolvedVersion = version }, again).Plan();
        again.ThrowIfAny("RecipeInvalid");
        return plan!;
    }

    private bool IsTarget(string name) => name == distribution.Name || name == distribution.Family || name == DistributionCatalog.FormatKey(distribution);

    private VersionPlan? Version(RecipeDocument document)
    {
        VersionSection section = document.Version;
        VersionSourceKind kind = options.Version is not null || section.Literal is not null ? VersionSourceKind.Literal
            : section.From == VersionFrom.Git ? VersionSourceKind.Git
            : VersionSourceKind.PythonDistribution;
        var plan = new VersionPlan(kind, section.Scheme)
        {
            PythonDistribution = kind == VersionSourceKind.PythonDistribution ? section.Distribution ?? recipe.Name : null,
            GitTagPrefix = section.TagPrefix,
            Release = section.Release,
            Epoch = section.Epoch,
            DistTag = section.DistTag ? distribution.DistTag : null,
        };
        if ((options.ResolvedVersion ?? options.Version ?? section.Literal) is not { } known)
        {
            if (kind == VersionSourceKind.PythonDistribution && document.Python is null)
            {
                problems.Add("RecipeKeysExclude", section.Place, "version", "the version is to come from a Python distribution, but the recipe has no 'python'");
                return null;
            }

            return plan;
        }

        try
        {
            return plan.Resolve(known, distribution.VersionSpelling);
        }
        catch (OmnibusException e)
        {
            problems.Add(e.Id, section.Place, "version", e.Message, e.Advice, kind: e.Kind);
            return null;
        }
    }

    private PythonEnvironmentSpec? Python(RecipeDocument document, PythonSection section, RecipePaths paths)
    {
        string? path = paths.Target(section.EnvironmentPath ?? "/opt/" + recipe.Name, section, "path");
        if (path is not null && path.Count(c => c == '/') < 2)
        {
            problems.Add("RecipePathInvalid", section.At("path"), section.PathOf("path"), $"'{path}' in {section.PathOf("path")}: the environment must lie in a folder of its own, like /opt/{recipe.Name}");
        }

        return path is null ? null : new PythonEnvironmentSpec
        {
            Interpreter = InterpreterPath(document, distribution),
            EnvironmentPath = path,
            RequirementFiles = Locals("requirements", section.Requirements, RecipePaths.Expectation.File),
            Packages = section.Packages,
            Projects = Locals("projects", section.Projects, RecipePaths.Expectation.Folder),
            Constraints = Locals("constraints", section.Constraints, RecipePaths.Expectation.File),
            RequireHashes = section.RequireHashes,
            IndexUrl = section.Index,
            WheelDirectories = Locals("wheels", section.Wheels, RecipePaths.Expectation.Folder),
            NoIndex = section.NoIndex,
            ExtraPipArguments = section.PipArguments,
            BuildEnvironment = section.Environment,
            SystemSitePackages = section.SystemPackages,
            KeepPip = section.KeepPip,
            RequireLicenses = section.RequireLicenses,
        };

        IReadOnlyList<string> Locals(string key, IReadOnlyList<string> names, RecipePaths.Expectation expected) =>
            [.. names.Select((name, i) => paths.Local(name, section, $"{key}[{i}]", expected)).OfType<string>()];
    }

    private PackageSection? Carrier(RecipeDocument document, List<PackageSection> sections)
    {
        List<PackageSection> carriers = [.. sections.Where(p => p.Environment == true)];
        if (document.Python is null)
        {
            foreach (PackageSection package in carriers)
            {
                problems.Add("RecipeKeysExclude", package.At("environment"), package.PathOf("environment"), $"{package.PathOf("environment")}: the recipe has no 'python', so there is no environment");
            }

            return null;
        }

        if (carriers.Count == 0 && sections is [{ Environment: null } only])
        {
            return only;
        }

        if (carriers.Count == 1)
        {
            return carriers[0];
        }

        problems.Add(
            "RecipeEnvironmentUnplaced",
            carriers.Count == 0 ? document.At("packages") : carriers[1].At("environment"),
            carriers.Count == 0 ? "packages" : carriers[1].PathOf("environment"),
            carriers.Count == 0
                ? $"no package carries the Python environment for {distribution.Name}; give one of them 'environment: true'"
                : $"the Python environment goes into one package, but '{carriers[0].Name}' and '{carriers[1].Name}' both ask for it");
        return null;
    }

    private void CheckNames(RecipeDocument document, List<PackageSection> sections)
    {
        if (sections.Count == 0 && !problems.HasErrors)
        {
            problems.Add("RecipeValueInvalid", document.At("packages"), "packages", $"there is no package for {distribution.Name}: 'only-for' leaves all of them out");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (PackageSection package in sections)
        {
            if (!names.Add(package.Name))
            {
                problems.Add("RecipeDuplicateName", package.At("name"), package.PathOf("name"), $"the package '{package.Name}' is here a second time");
            }
        }

        foreach (PackageSection package in sections.Where(p => p.Base is not null && (p.Base == p.Name || !names.Contains(p.Base))))
        {
            string? near = NearestName.Find(package.Base!, names.Where(n => n != package.Name));
            problems.Add(
                "RecipeBaseUnknown",
                package.At("base"),
                package.PathOf("base"),
                $"'{package.Base}' in {package.PathOf("base")} is no other package of this recipe for {distribution.Name}{(near is null ? string.Empty : $"; did you mean '{near}'?")}");
        }
    }

    private static BuildStep? Step(BuildStepSection section, RecipePaths paths)
    {
        bool isScript = section.Run.Script is not null;
        IReadOnlyList<string> arguments = isScript ? section.Interpreter.Count > 0 ? section.Interpreter : ["/bin/sh", "-eu"] : section.Run.Arguments;
        PlanPath? directory = section.Directory is null ? null : paths.Source(section.Directory, section, "directory", RecipePaths.Expectation.Folder);
        return arguments.Count == 0 ? null : new BuildStep(section.Name ?? Path.GetFileName(arguments[0]), arguments)
        {
            Script = section.Run.Script,
            Environment = section.Environment,
            WorkingDirectory = directory,
            BeforeEnvironment = section.When == BuildStepTime.BeforeEnvironment,
        };
    }

    private CompressionSettings Compression(RecipeDocument document)
    {
        if (document.Compression is not { } section)
        {
            return distribution.Compression;
        }

        if (!distribution.PayloadCompressions.Contains(section.Kind))
        {
            problems.Add(
                "RecipeCompressionUnsupported",
                section.At("kind"),
                section.PathOf("kind"),
                $"the package manager of {distribution.Name} does not read {SectionSchema.WithDashes(section.Kind.ToString())}; it reads {string.Join(", ", distribution.PayloadCompressions.Select(c => SectionSchema.WithDashes(c.ToString())))}",
                "Set 'compression' in the overrides of the distributions that can read it.",
                kind: ErrorKind.Unsupported);
        }

        return new CompressionSettings(section.Kind, section.Level);
    }

    private static InstallTestPlan Tests(TestSection? section) => section is null ? new InstallTestPlan() : new InstallTestPlan
    {
        Commands = [.. section.Commands.Select(c => new SmokeCommand(c.Run.Script is { } script ? ["/bin/sh", "-euc", script] : c.Run.Arguments, c.Expect))],
        ActiveServices = section.Services,
        Urls = [.. section.Urls.Select(u => new SmokeUrl(u.Url, u.Expect))],
    };
}
