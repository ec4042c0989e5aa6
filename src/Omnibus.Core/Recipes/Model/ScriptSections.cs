using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>Maintainer scripts by when they run.</summary>
[SectionTitle("Maintainer scripts", "packages[].scripts")]
public sealed class ScriptsSection : SchemaSection
{
    /// <summary>Key <c>pre-install</c>.</summary>
    [RecipeKey("pre-install", "deb preinst, rpm %pre.")]
    public ScriptSection? PreInstall { get; init; }

    /// <summary>Key <c>post-install</c>.</summary>
    [RecipeKey("post-install", "deb postinst, rpm %post.")]
    public ScriptSection? PostInstall { get; init; }

    /// <summary>Key <c>pre-remove</c>.</summary>
    [RecipeKey("pre-remove", "deb prerm, rpm %preun.")]
    public ScriptSection? PreRemove { get; init; }

    /// <summary>Key <c>post-remove</c>.</summary>
    [RecipeKey("post-remove", "deb postrm, rpm %postun.")]
    public ScriptSection? PostRemove { get; init; }

    /// <summary>Key <c>pre-transaction</c>.</summary>
    [RecipeKey("pre-transaction", "rpm %pretrans.")]
    public ScriptSection? PreTransaction { get; init; }

    /// <summary>Key <c>post-transaction</c>.</summary>
    [RecipeKey("post-transaction", "rpm %posttrans.")]
    public ScriptSection? PostTransaction { get; init; }

    /// <summary>Key <c>pre-uninstall-transaction</c>.</summary>
    [RecipeKey("pre-uninstall-transaction", "rpm %preuntrans.")]
    public ScriptSection? PreUninstallTransaction { get; init; }

    /// <summary>Key <c>post-uninstall-transaction</c>.</summary>
    [RecipeKey("post-uninstall-transaction", "rpm %postuntrans.")]
    public ScriptSection? PostUninstallTransaction { get; init; }

    /// <summary>Key <c>verify</c>.</summary>
    [RecipeKey("verify", "rpm %verifyscript.")]
    public ScriptSection? Verify { get; init; }

    /// <summary>Key <c>config</c>.</summary>
    [RecipeKey("config", "deb config (debconf).")]
    public ScriptSection? Config { get; init; }
}

/// <summary>A script.</summary>
[SectionTitle("A script", "packages[].scripts.*")]
[ShortForm("file")]
[ExactlyOne("file", "text")]
public sealed class ScriptSection : SchemaSection
{
    /// <summary>Key <c>file</c>.</summary>
    [RecipeKey("file", "The script's file, relative to the recipe. A single text is short for this.")]
    public string? File { get; init; }

    /// <summary>Key <c>text</c>.</summary>
    [RecipeKey("text", "The script itself. Variables are not filled in.", Variables = false)]
    public string? Text { get; init; }

    /// <summary>Key <c>interpreter</c>.</summary>
    [RecipeKey("interpreter", "Program and arguments that run it.", Default = "its #! line, or /bin/sh")]
    public IReadOnlyList<string> Interpreter { get; init; } = [];
}

/// <summary>A trigger.</summary>
[SectionTitle("A trigger", "packages[].triggers[]")]
[ExactlyOne("deb", "rpm")]
[OnlyWith("script", "rpm")]
[OnlyWith("priority", "rpm")]
public sealed class TriggerSection : SchemaSection
{
    /// <summary>Key <c>deb</c>.</summary>
    [RecipeKey("deb", "Directive of a deb's triggers file (deb-triggers(5)).")]
    public DebTriggerDirective? Deb { get; init; }

    /// <summary>Key <c>rpm</c>.</summary>
    [RecipeKey("rpm", "Kind of an rpm trigger.")]
    public RpmTriggerKind? Rpm { get; init; }

    /// <summary>Key <c>on</c>.</summary>
    [RecipeKey("on", "deb: trigger names or paths. rpm: packages, maybe with versions; for file triggers path prefixes.", Required = true)]
    public IReadOnlyList<string> On { get; init; } = [];

    /// <summary>Key <c>script</c>.</summary>
    [RecipeKey("script", "What an rpm trigger runs.")]
    public ScriptSection? Script { get; init; }

    /// <summary>Key <c>priority</c>.</summary>
    [RecipeKey("priority", "Priority of an rpm file trigger.", Default = "1000000")]
    public int? Priority { get; init; }
}

/// <summary>Directives of deb-triggers(5).</summary>
public enum DebTriggerDirective
{
    /// <summary>interest.</summary>
    Interest,

    /// <summary>interest-await.</summary>
    InterestAwait,

    /// <summary>interest-noawait.</summary>
    [ChoiceName("interest-noawait")]
    InterestNoAwait,

    /// <summary>activate.</summary>
    Activate,

    /// <summary>activate-await.</summary>
    ActivateAwait,

    /// <summary>activate-noawait.</summary>
    [ChoiceName("activate-noawait")]
    ActivateNoAwait,
}

/// <summary>rpm triggers, by the words of a spec file.</summary>
public enum RpmTriggerKind
{
    /// <summary>%triggerprein.</summary>
    [ChoiceName("triggerprein")]
    PreInstall,

    /// <summary>%triggerin.</summary>
    [ChoiceName("triggerin")]
    Install,

    /// <summary>%triggerun.</summary>
    [ChoiceName("triggerun")]
    Uninstall,

    /// <summary>%triggerpostun.</summary>
    [ChoiceName("triggerpostun")]
    PostUninstall,

    /// <summary>%filetriggerin.</summary>
    [ChoiceName("filetriggerin")]
    FileInstall,

    /// <summary>%filetriggerun.</summary>
    [ChoiceName("filetriggerun")]
    FileUninstall,

    /// <summary>%filetriggerpostun.</summary>
    [ChoiceName("filetriggerpostun")]
    FilePostUninstall,

    /// <summary>%transfiletriggerin.</summary>
    [ChoiceName("transfiletriggerin")]
    TransactionFileInstall,

    /// <summary>%transfiletriggerun.</summary>
    [ChoiceName("transfiletriggerun")]
    TransactionFileUninstall,

    /// <summary>%transfiletriggerpostun.</summary>
    [ChoiceName("transfiletriggerpostun")]
    TransactionFilePostUninstall,
}
