using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>A relation to another package.</summary>
[SectionTitle("A relation", "packages[].depends[] and its like")]
[ShortForm("on")]
public sealed class RelationSection : SchemaSection
{
    /// <summary>Key <c>on</c>.</summary>
    [RecipeKey("on", "The package: 'name', 'name (>= 1.0)', 'one | other'; for rpm also a path or a rich dependency '(a if b)'. A single text is short for this. ${package-version} is the version that is being built.", Required = true)]
    public string On { get; init; } = string.Empty;

    /// <summary>Key <c>when</c>.</summary>
    [RecipeKey("when", "When an rpm needs it (Requires(pre) and so on).", Default = "always")]
    public IReadOnlyList<RpmQualifier> When { get; init; } = [];
}

/// <summary>When an rpm dependency is needed; values are those of <see cref="RelationQualifiers"/>.</summary>
public enum RpmQualifier
{
    /// <summary>pre.</summary>
    Pre = RelationQualifiers.Pre,

    /// <summary>post.</summary>
    Post = RelationQualifiers.Post,

    /// <summary>preun.</summary>
    [ChoiceName("preun")]
    PreUninstall = RelationQualifiers.PreUninstall,

    /// <summary>postun.</summary>
    [ChoiceName("postun")]
    PostUninstall = RelationQualifiers.PostUninstall,

    /// <summary>pretrans.</summary>
    [ChoiceName("pretrans")]
    PreTransaction = RelationQualifiers.PreTransaction,

    /// <summary>posttrans.</summary>
    [ChoiceName("posttrans")]
    PostTransaction = RelationQualifiers.PostTransaction,

    /// <summary>meta.</summary>
    Meta = RelationQualifiers.Meta,

    /// <summary>verify.</summary>
    Verify = RelationQualifiers.Verify,

    /// <summary>preuntrans.</summary>
    [ChoiceName("preuntrans")]
    PreUninstallTransaction = RelationQualifiers.PreUninstallTransaction,

    /// <summary>postuntrans.</summary>
    [ChoiceName("postuntrans")]
    PostUninstallTransaction = RelationQualifiers.PostUninstallTransaction,
}
