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
