using Omnibus.Core.Compression;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Recipes.Model;

/// <summary>A whole <c>omnibus.yml</c>. The attributes describe the file; there is no other description of it.</summary>
[SectionTitle("The recipe", "")]
public sealed class RecipeDocument : SchemaSection
{
    /// <summary>Pattern of package names that both formats take (deb-control(5); rpm forbids only white space and a few signs).</summary>
    internal const string NamePattern = "^[a-z0-9][a-z0-9+.-]+$";

    /// <summary>What <see cref="NamePattern"/> says.</summary>
    internal const string NameExpected = "lower-case letters, digits, '+', '-' and '.', at least two, beginning with a letter or digit";

    /// <summary>Pattern of <c>Name &lt;mail&gt;</c>.</summary>
    internal const string PersonPattern = "^[^<>]*[^<> ] <[^<>@ ]+@[^<>@ ]+>$";

    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Name of what is built; packages and the environment are named after it by default.", Required = true, Pattern = NamePattern, Expected = NameExpected, Variables = false)]
    public string Name { get; init; } = string.Empty;

    /// <summary>Key <c>version</c>.</summary>
    [RecipeKey("version", "Version of the project, or where it comes from.", Required = true)]
    public VersionSection Version { get; init; } = new();

    /// <summary>Key <c>distributions</c>.</summary>
    [RecipeKey("distributions", "Distributions to build for, by name (see Get-OmnibusDistribution); a mapping defines a distribution of your own.", Required = true)]
    public IReadOnlyList<DistributionSection> Distributions { get; init; } = [];

    /// <summary>Key <c>maintainer</c>.</summary>
    [RecipeKey("maintainer", "Who maintains the packages: Name <mail>.", Required = true, Pattern = PersonPattern, Expected = "a name and a mail address: Name <mail@example.com>")]
    public string Maintainer { get; init; } = string.Empty;

    /// <summary>Key <c>vendor</c>.</summary>
    [RecipeKey("vendor", "Who distributes the packages.")]
    public string? Vendor { get; init; }

    /// <summary>Key <c>license</c>.</summary>
    [RecipeKey("license", "Licence of the project, as an SPDX expression.")]
    public string? License { get; init; }

    /// <summary>Key <c>homepage</c>.</summary>
    [RecipeKey("homepage", "Home page of the project.", Pattern = "^https?://[^ ]+$", Expected = "an http or https address")]
    public string? Homepage { get; init; }

    /// <summary>Key <c>summary</c>.</summary>
    [RecipeKey("summary", "One line that says what it is, without a full stop; for packages that have none of their own.")]
    public string? Summary { get; init; }

    /// <summary>Key <c>description</c>.</summary>
    [RecipeKey("description", "Longer text, paragraphs parted by an empty line; for packages that have none of their own.")]
    public string? Description { get; init; }

    /// <summary>Key <c>python</c>.</summary>
    [RecipeKey("python", "The Python environment that the packages carry.")]
    public PythonSection? Python { get; init; }

    /// <summary>Key <c>build</c>.</summary>
    [RecipeKey("build", "Commands that run before the packages are put together, in order, in a scratch folder. ${build} names that folder in paths.")]
    public IReadOnlyList<BuildStepSection> Build { get; init; } = [];

    /// <summary>Key <c>packages</c>.</summary>
    [RecipeKey("packages", "The packages to make.", Required = true)]
    public IReadOnlyList<PackageSection> Packages { get; init; } = [];

    /// <summary>Key <c>changelog</c>.</summary>
    [RecipeKey("changelog", "Changelog of all packages, newest first.", Default = "one section for this version")]
    public IReadOnlyList<ChangelogSection> Changelog { get; init; } = [];

    /// <summary>Key <c>changelog-file</c>.</summary>
    [RecipeKey("changelog-file", "Changelog in Debian's format (deb-changelog(5)), instead of 'changelog'.")]
    public string? ChangelogFile { get; init; }

    /// <summary>Key <c>compression</c>.</summary>
    [RecipeKey("compression", "Compression of the packages' payload.", Default = "what the distribution itself uses")]
    public CompressionSection? Compression { get; init; }

    /// <summary>Key <c>lint</c>.</summary>
    [RecipeKey("lint", "Findings of lintian, rpmlint and Omnibus itself that are accepted.")]
    public IReadOnlyList<LintSection> Lint { get; init; } = [];

    /// <summary>Key <c>tests</c>.</summary>
    [RecipeKey("tests", "What must hold once the packages are installed.")]
    public TestSection? Tests { get; init; }

    /// <summary>Key <c>repository</c>.</summary>
    [RecipeKey("repository", "Where the packages are published.")]
    public RepositorySection? Repository { get; init; }

    /// <summary>Key <c>overrides</c>.</summary>
    [RecipeKey("overrides", "Changes for single targets: format (deb, rpm), family, or distribution, applied in this order.")]
    public IReadOnlyList<string> Overrides { get; init; } = [];
}

/// <summary>Where the version comes from.</summary>
[SectionTitle("The version", "version")]
[ShortForm("literal")]
[ExactlyOne("literal", "from")]
[OnlyWith("tag-prefix", "from")]
[OnlyWith("distribution", "from")]
public sealed class VersionSection : SchemaSection
{
    /// <summary>Key <c>literal</c>.</summary>
    [RecipeKey("literal", "The version itself, as Python spells it: 1.4.0, 1.4.0rc1. 'version: 1.4.0' is short for this.", Variables = false)]
    public string? Literal { get; init; }

    /// <summary>Key <c>from</c>.</summary>
    [RecipeKey("from", "Source of the version: the nearest git tag and the commits since, or the metadata of a distribution in the Python environment.")]
    public VersionFrom? From { get; init; }

    /// <summary>Key <c>tag-prefix</c>.</summary>
    [RecipeKey("tag-prefix", "What stands before the version in git tags.", Default = "none, or v", Variables = false)]
    public string? TagPrefix { get; init; }

    /// <summary>Key <c>distribution</c>.</summary>
    [RecipeKey("distribution", "Python distribution whose version it is.", Default = "the recipe's name", Variables = false)]
    public string? Distribution { get; init; }

    /// <summary>Key <c>scheme</c>.</summary>
    [RecipeKey("scheme", "How it becomes the version of a package.", Default = "pep440")]
    public VersionScheme Scheme { get; init; }

    /// <summary>Key <c>release</c>.</summary>
    [RecipeKey("release", "Release, in a deb the Debian revision. Not with the Flocker schemes, which make their own.", Default = "1", Pattern = "^[0-9][A-Za-z0-9.+~]*$", Expected = "a number, maybe with more letters, digits and dots after it")]
    public string? Release { get; init; }

    /// <summary>Key <c>dist-tag</c>.</summary>
    [RecipeKey("dist-tag", "Whether the release ends with the distribution's tag (.el9, +deb12).", Default = "false")]
    public bool DistTag { get; init; }

    /// <summary>Key <c>epoch</c>.</summary>
    [RecipeKey("epoch", "Epoch of the package.", Default = "that of the version, mostly none")]
    public int? Epoch { get; init; }
}

/// <summary>Sources of a version.</summary>
public enum VersionFrom
{
    /// <summary>git.</summary>
    Git,

    /// <summary>Metadata of an installed Python distribution.</summary>
    Python,
}

/// <summary>A build step.</summary>
[SectionTitle("A build step", "build[]")]
public sealed class BuildStepSection : SchemaSection
{
    /// <summary>Key <c>run</c>.</summary>
    [RecipeKey("run", "Program and arguments as a list, or the text of a script. It finds the variables in its environment (OMNIBUS_NAME, OMNIBUS_SOURCE, OMNIBUS_BUILD and so on).", Required = true)]
    public RecipeCommand Run { get; init; } = new([], null);

    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Shown while it runs.", Default = "the program's name")]
    public string? Name { get; init; }

    /// <summary>Key <c>interpreter</c>.</summary>
    [RecipeKey("interpreter", "Program and arguments that run a script.", Default = "/bin/sh -eu")]
    public IReadOnlyList<string> Interpreter { get; init; } = [];

    /// <summary>Key <c>environment</c>.</summary>
    [RecipeKey("environment", "Further variables of its environment.")]
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Key <c>directory</c>.</summary>
    [RecipeKey("directory", "Folder that it runs in: relative to the recipe, or ${build}/…", Default = "${build}")]
    public string? Directory { get; init; }

    /// <summary>Key <c>when</c>.</summary>
    [RecipeKey("when", "Whether it runs before or after the Python environment is made.", Default = "after-environment")]
    public BuildStepTime When { get; init; } = BuildStepTime.AfterEnvironment;
}

/// <summary>When a step runs.</summary>
public enum BuildStepTime
{
    /// <summary>After the environment is made.</summary>
    AfterEnvironment,

    /// <summary>Before.</summary>
    BeforeEnvironment,
}

/// <summary>Payload compression.</summary>
[SectionTitle("Compression", "compression")]
[ShortForm("kind")]
public sealed class CompressionSection : SchemaSection
{
    /// <summary>Key <c>kind</c>.</summary>
    [RecipeKey("kind", "The compressor. 'compression: xz' is short for this.", Required = true)]
    public CompressionKind Kind { get; init; }

    /// <summary>Key <c>level</c>.</summary>
    [RecipeKey("level", "Its level, on its own scale.", Default = "gzip 6, xz 6, zstd 3", Minimum = 1, Maximum = 22)]
    public int? Level { get; init; }
}

/// <summary>A section of the changelog.</summary>
[SectionTitle("A section of the changelog", "changelog[]")]
public sealed class ChangelogSection : SchemaSection
{
    /// <summary>Key <c>version</c>.</summary>
    [RecipeKey("version", "Version with release, as the package has it.", Default = "this version")]
    public string? Version { get; init; }

    /// <summary>Key <c>date</c>.</summary>
    [RecipeKey("date", "When: 2026-11-21, or with a time 2026-11-21T10:15:02Z.", Required = true, Pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$", Expected = "a date like 2026-11-21 or 2026-11-21T10:15:02Z")]
    public string Date { get; init; } = string.Empty;

    /// <summary>Key <c>author</c>.</summary>
    [RecipeKey("author", "Who.", Default = "the maintainer", Pattern = RecipeDocument.PersonPattern, Expected = "a name and a mail address: Name <mail@example.com>")]
    public string? Author { get; init; }

    /// <summary>Key <c>changes</c>.</summary>
    [RecipeKey("changes", "What changed, one item each.", Required = true)]
    public IReadOnlyList<string> Changes { get; init; } = [];
}

/// <summary>An accepted finding.</summary>
[SectionTitle("An accepted finding", "lint[]")]
[ShortForm("tag")]
public sealed class LintSection : SchemaSection
{
    /// <summary>Key <c>tag</c>.</summary>
    [RecipeKey("tag", "Tag of lintian or rpmlint, or id of Omnibus' own rule. A single text is short for this.", Required = true, Pattern = "^[A-Za-z0-9][A-Za-z0-9_%/.+-]*$", Expected = "a tag, not a piece of a message")]
    public string Tag { get; init; } = string.Empty;

    /// <summary>Key <c>packages</c>.</summary>
    [RecipeKey("packages", "Packages that it is accepted for.", Default = "all")]
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Key <c>path</c>.</summary>
    [RecipeKey("path", "Files that it is accepted for, as a pattern: /opt/**", Pattern = "^/", Expected = "a pattern that begins with /")]
    public string? FilePattern { get; init; }

    /// <summary>Key <c>reason</c>.</summary>
    [RecipeKey("reason", "Why it is accepted.")]
    public string? Reason { get; init; }
}
