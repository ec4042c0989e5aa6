using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>A package.</summary>
[SectionTitle("A package", "packages[]")]
public sealed class PackageSection : SchemaSection
{
    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Name of the package.", Required = true, Pattern = RecipeDocument.NamePattern, Expected = RecipeDocument.NameExpected)]
    public string Name { get; init; } = string.Empty;

    /// <summary>Key <c>summary</c>.</summary>
    [RecipeKey("summary", "One line that says what it is, without a full stop.", Default = "the recipe's")]
    public string? Summary { get; init; }

    /// <summary>Key <c>description</c>.</summary>
    [RecipeKey("description", "Longer text, paragraphs parted by an empty line.", Default = "the recipe's, or the summary")]
    public string? Description { get; init; }

    /// <summary>Key <c>architecture</c>.</summary>
    [RecipeKey("architecture", "Whether it is for the machine's architecture (native) or for all.", Default = "native with the environment, all otherwise")]
    public PackageArchitecture? Architecture { get; init; }

    /// <summary>Key <c>environment</c>.</summary>
    [RecipeKey("environment", "Whether the Python environment goes into this package.", Default = "true when it is the only package")]
    public bool? Environment { get; init; }

    /// <summary>Key <c>base</c>.</summary>
    [RecipeKey("base", "Package of this recipe that it depends on in exactly its own version.", Pattern = RecipeDocument.NamePattern, Expected = RecipeDocument.NameExpected)]
    public string? Base { get; init; }

    /// <summary>Key <c>commands</c>.</summary>
    [RecipeKey("commands", "Commands of the Python environment that are linked into /usr/bin or /usr/sbin.")]
    public IReadOnlyList<CommandSection> Commands { get; init; } = [];

    /// <summary>Key <c>files</c>.</summary>
    [RecipeKey("files", "Files, trees, directories, links and ghosts.")]
    public IReadOnlyList<FileSection> Files { get; init; } = [];

    /// <summary>Key <c>services</c>.</summary>
    [RecipeKey("services", "systemd units.")]
    public IReadOnlyList<ServiceSection> Services { get; init; } = [];

    /// <summary>Key <c>firewalld</c>.</summary>
    [RecipeKey("firewalld", "firewalld service files, laid down in /usr/lib/firewalld/services.")]
    public IReadOnlyList<IntegrationSection> Firewalld { get; init; } = [];

    /// <summary>Key <c>ufw</c>.</summary>
    [RecipeKey("ufw", "ufw application profiles, laid down in /etc/ufw/applications.d.")]
    public IReadOnlyList<IntegrationSection> Ufw { get; init; } = [];

    /// <summary>Key <c>rsyslog</c>.</summary>
    [RecipeKey("rsyslog", "rsyslog snippets, laid down in /etc/rsyslog.d.")]
    public IReadOnlyList<IntegrationSection> Rsyslog { get; init; } = [];

    /// <summary>Key <c>depends</c>.</summary>
    [RecipeKey("depends", "Packages that must be there: 'name', 'name (>= 1.0)', 'one | other'.")]
    public IReadOnlyList<RelationSection> Depends { get; init; } = [];

    /// <summary>Key <c>pre-depends</c>.</summary>
    [RecipeKey("pre-depends", "Packages that must be configured before this one is unpacked.")]
    public IReadOnlyList<RelationSection> PreDepends { get; init; } = [];

    /// <summary>Key <c>recommends</c>.</summary>
    [RecipeKey("recommends", "Packages that most will want.")]
    public IReadOnlyList<RelationSection> Recommends { get; init; } = [];

    /// <summary>Key <c>suggests</c>.</summary>
    [RecipeKey("suggests", "Packages that go well with it.")]
    public IReadOnlyList<RelationSection> Suggests { get; init; } = [];

    /// <summary>Key <c>enhances</c>.</summary>
    [RecipeKey("enhances", "Packages that it goes well with.")]
    public IReadOnlyList<RelationSection> Enhances { get; init; } = [];

    /// <summary>Key <c>supplements</c>.</summary>
    [RecipeKey("supplements", "Packages whose presence makes this one wanted (rpm).")]
    public IReadOnlyList<RelationSection> Supplements { get; init; } = [];

    /// <summary>Key <c>conflicts</c>.</summary>
    [RecipeKey("conflicts", "Packages that cannot be there at the same time.")]
    public IReadOnlyList<RelationSection> Conflicts { get; init; } = [];

    /// <summary>Key <c>breaks</c>.</summary>
    [RecipeKey("breaks", "Packages that it would break (deb).")]
    public IReadOnlyList<RelationSection> Breaks { get; init; } = [];

    /// <summary>Key <c>replaces</c>.</summary>
    [RecipeKey("replaces", "Packages whose files it may overwrite (deb).")]
    public IReadOnlyList<RelationSection> Replaces { get; init; } = [];

    /// <summary>Key <c>obsoletes</c>.</summary>
    [RecipeKey("obsoletes", "Packages whose place it takes: Obsoletes in an rpm, Replaces and Breaks in a deb.")]
    public IReadOnlyList<RelationSection> Obsoletes { get; init; } = [];

    /// <summary>Key <c>provides</c>.</summary>
    [RecipeKey("provides", "Names that it answers to as well.")]
    public IReadOnlyList<RelationSection> Provides { get; init; } = [];

    /// <summary>Key <c>scripts</c>.</summary>
    [RecipeKey("scripts", "Maintainer scripts. What services need is added by itself.")]
    public ScriptsSection? Scripts { get; init; }

    /// <summary>Key <c>triggers</c>.</summary>
    [RecipeKey("triggers", "Triggers; each target takes those of its own format.")]
    public IReadOnlyList<TriggerSection> Triggers { get; init; } = [];

    /// <summary>Key <c>documentation</c>.</summary>
    [RecipeKey("documentation", "Files for the package's doc folder.")]
    public IReadOnlyList<string> Documentation { get; init; } = [];

    /// <summary>Key <c>licenses</c>.</summary>
    [RecipeKey("licenses", "Licence texts.")]
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>Key <c>section</c>.</summary>
    [RecipeKey("section", "deb Section, rpm Group.", Default = "the format's own")]
    public string? Section { get; init; }

    /// <summary>Key <c>priority</c>.</summary>
    [RecipeKey("priority", "deb Priority.", Default = "optional")]
    public DebPriority Priority { get; init; } = DebPriority.Optional;

    /// <summary>Key <c>multi-arch</c>.</summary>
    [RecipeKey("multi-arch", "deb Multi-Arch.")]
    public DebMultiArch? MultiArch { get; init; }

    /// <summary>Key <c>fields</c>.</summary>
    [RecipeKey("fields", "Further fields of a deb's control file.")]
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>Key <c>only-for</c>.</summary>
    [RecipeKey("only-for", "Makes the package only for these formats, families or distributions.", Default = "all")]
    public IReadOnlyList<string> OnlyFor { get; init; } = [];

    /// <summary>Key <c>overrides</c>.</summary>
    [RecipeKey("overrides", "Changes of this package for single targets: format (deb, rpm), family, or distribution, applied in this order.")]
    public IReadOnlyList<string> Overrides { get; init; } = [];
}

/// <summary>Architecture of a package.</summary>
public enum PackageArchitecture
{
    /// <summary>The machine's.</summary>
    Native,

    /// <summary>All.</summary>
    All,
}

/// <summary>deb Priority (deb-control(5)).</summary>
public enum DebPriority
{
    /// <summary>optional.</summary>
    Optional,

    /// <summary>extra.</summary>
    Extra,

    /// <summary>standard.</summary>
    Standard,

    /// <summary>important.</summary>
    Important,

    /// <summary>required.</summary>
    Required,
}

/// <summary>deb Multi-Arch (deb-control(5)).</summary>
public enum DebMultiArch
{
    /// <summary>no.</summary>
    No,

    /// <summary>same.</summary>
    Same,

    /// <summary>foreign.</summary>
    Foreign,

    /// <summary>allowed.</summary>
    Allowed,
}

/// <summary>A command that is linked.</summary>
[SectionTitle("A linked command", "packages[].commands[]")]
[ShortForm("name")]
public sealed class CommandSection : SchemaSection
{
    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Name of the command. A single text is short for this.", Required = true, Pattern = "^[^/ ]+$", Expected = "a file name")]
    public string Name { get; init; } = string.Empty;

    /// <summary>Key <c>in</c>.</summary>
    [RecipeKey("in", "Folder of the link.", Default = "/usr/bin")]
    public CommandFolder In { get; init; }

    /// <summary>Key <c>target</c>.</summary>
    [RecipeKey("target", "What the link points to.", Default = "bin/<name> in the environment", Pattern = "^/", Expected = "an absolute path")]
    public string? Target { get; init; }
}

/// <summary>Folders for commands.</summary>
public enum CommandFolder
{
    /// <summary>/usr/bin.</summary>
    [ChoiceName("/usr/bin")]
    Bin,

    /// <summary>/usr/sbin.</summary>
    [ChoiceName("/usr/sbin")]
    Sbin,
}

/// <summary>A file for another daemon.</summary>
[SectionTitle("A file for firewalld, ufw or rsyslog", "packages[].firewalld[], .ufw[], .rsyslog[]")]
[ShortForm("file")]
public sealed class IntegrationSection : SchemaSection
{
    /// <summary>Key <c>file</c>.</summary>
    [RecipeKey("file", "The file. A single text is short for this.", Required = true)]
    public string File { get; init; } = string.Empty;

    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Its name on the target.", Default = "the file's own", Pattern = "^[^/ ]+$", Expected = "a file name")]
    public string? Name { get; init; }
}

/// <summary>A systemd unit.</summary>
[SectionTitle("A systemd unit", "packages[].services[]")]
[ShortForm("file")]
public sealed class ServiceSection : SchemaSection
{
    /// <summary>Key <c>file</c>.</summary>
    [RecipeKey("file", "The unit file. A single text is short for this.", Required = true)]
    public string File { get; init; } = string.Empty;

    /// <summary>Key <c>name</c>.</summary>
    [RecipeKey("name", "Its name on the target.", Default = "the file's own", Pattern = "^[A-Za-z0-9:_.@-]+$", Expected = "a unit name")]
    public string? Name { get; init; }

    /// <summary>Key <c>enable</c>.</summary>
    [RecipeKey("enable", "Whether it is enabled at first installation; preset leaves it to the target's policy.", Default = "preset")]
    public ServiceEnablement Enable { get; init; }

    /// <summary>Key <c>start</c>.</summary>
    [RecipeKey("start", "Whether it is started after installation.", Default = "true for deb, false for rpm, as each is used to")]
    public bool? Start { get; init; }

    /// <summary>Key <c>restart</c>.</summary>
    [RecipeKey("restart", "Whether a running unit is restarted after an upgrade.", Default = "true")]
    public bool Restart { get; init; } = true;
}

/// <summary>Enablement of a unit.</summary>
public enum ServiceEnablement
{
    /// <summary>As the target's policy says.</summary>
    Preset,

    /// <summary>Enabled.</summary>
    [ChoiceName("true")]
    Enabled,

    /// <summary>Left disabled.</summary>
    [ChoiceName("false")]
    Disabled,
}
