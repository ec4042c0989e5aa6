using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>What must hold after installation.</summary>
[SectionTitle("Tests of the installed packages", "tests")]
public sealed class TestSection : SchemaSection
{
    /// <summary>Key <c>commands</c>.</summary>
    [RecipeKey("commands", "Commands that must succeed.")]
    public IReadOnlyList<SmokeCommandSection> Commands { get; init; } = [];

    /// <summary>Key <c>services</c>.</summary>
    [RecipeKey("services", "systemd units that must be active.")]
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Key <c>urls</c>.</summary>
    [RecipeKey("urls", "Addresses that must answer, asked on the target.")]
    public IReadOnlyList<SmokeUrlSection> Urls { get; init; } = [];
}

/// <summary>A command that must succeed.</summary>
[SectionTitle("A command that must succeed", "tests.commands[]")]
public sealed class SmokeCommandSection : SchemaSection
{
    /// <summary>Key <c>run</c>.</summary>
    [RecipeKey("run", "Program and arguments as a list, or the text of a shell script.", Required = true)]
    public RecipeCommand Run { get; init; } = new([], null);

    /// <summary>Key <c>expect</c>.</summary>
    [RecipeKey("expect", "Text that its output must hold.")]
    public string? Expect { get; init; }
}

/// <summary>An address that must answer.</summary>
[SectionTitle("An address that must answer", "tests.urls[]")]
[ShortForm("url")]
public sealed class SmokeUrlSection : SchemaSection
{
    /// <summary>Key <c>url</c>.</summary>
    [RecipeKey("url", "The address. A single text is short for this.", Required = true, Pattern = "^https?://[^ ]+$", Expected = "an http or https address")]
    public string Url { get; init; } = string.Empty;

    /// <summary>Key <c>expect</c>.</summary>
    [RecipeKey("expect", "Text that the answer must hold.")]
    public string? Expect { get; init; }
}

/// <summary>Where packages are published.</summary>
[SectionTitle("The repository", "repository")]
public sealed class RepositorySection : SchemaSection
{
    /// <summary>Key <c>type</c>.</summary>
    [RecipeKey("type", "Kind of repository.", Default = "what the target's format uses")]
    public RepositoryType? Type { get; init; }

    /// <summary>Key <c>path</c>.</summary>
    [RecipeKey("path", "Folder of the local repository. It may be absolute.")]
    public string? Folder { get; init; }

    /// <summary>Key <c>destination</c>.</summary>
    [RecipeKey("destination", "Where it is published: s3://bucket/prefix, or a folder.")]
    public string? Destination { get; init; }

    /// <summary>Key <c>codename</c>.</summary>
    [RecipeKey("codename", "apt codename.", Default = "the distribution's")]
    public string? Codename { get; init; }

    /// <summary>Key <c>component</c>.</summary>
    [RecipeKey("component", "apt component.", Default = "main", Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$", Expected = "a word")]
    public string? Component { get; init; }

    /// <summary>Key <c>signing-key</c>.</summary>
    [RecipeKey("signing-key", "Key that signs it: fingerprint, key id or mail address. Never the key itself.")]
    public string? SigningKey { get; init; }
}

/// <summary>Kinds of repository.</summary>
public enum RepositoryType
{
    /// <summary>apt.</summary>
    Apt,

    /// <summary>yum.</summary>
    Yum,
}
