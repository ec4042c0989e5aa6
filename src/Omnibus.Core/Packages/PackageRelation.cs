namespace Omnibus.Core.Packages;

/// <summary>How one package relates to another.</summary>
public enum RelationKind
{
    /// <summary>Must be there (deb Depends, rpm Requires).</summary>
    Depends,

    /// <summary>Must be configured before this one is unpacked (deb Pre-Depends; rpm Requires(pre)).</summary>
    PreDepends,

    /// <summary>Is wanted by most.</summary>
    Recommends,

    /// <summary>Goes well with this.</summary>
    Suggests,

    /// <summary>This goes well with it.</summary>
    Enhances,

    /// <summary>rpm: this is wanted when the other is there.</summary>
    Supplements,

    /// <summary>Cannot be there at the same time.</summary>
    Conflicts,

    /// <summary>deb: would be broken by this.</summary>
    Breaks,

    /// <summary>deb Replaces: files of the other may be overwritten. rpm: Obsoletes is its own kind.</summary>
    Replaces,

    /// <summary>rpm: takes the other's place on upgrade. In a deb: Replaces, Breaks.</summary>
    Obsoletes,

    /// <summary>Also answers to this name.</summary>
    Provides,
}

/// <summary>Comparison of a version bound.</summary>
public enum RelationOperator
{
    /// <summary>Any version.</summary>
    Any,

    /// <summary>Earlier than.</summary>
    Less,

    /// <summary>Earlier than or equal to.</summary>
    LessOrEqual,

    /// <summary>Exactly.</summary>
    Equal,

    /// <summary>Later than or equal to.</summary>
    GreaterOrEqual,

    /// <summary>Later than.</summary>
    Greater,
}

/// <summary>When an rpm dependency is needed (rpm's dependency qualifiers, <c>Requires(post)</c>).</summary>
[Flags]
public enum RelationQualifiers
{
    /// <summary>At run time.</summary>
    None = 0,

    /// <summary>Before %pre.</summary>
    Pre = 1,

    /// <summary>Before %post.</summary>
    Post = 2,

    /// <summary>Before %preun.</summary>
    PreUninstall = 4,

    /// <summary>Before %postun.</summary>
    PostUninstall = 8,

    /// <summary>Before the transaction's start.</summary>
    PreTransaction = 16,

    /// <summary>At the transaction's end.</summary>
    PostTransaction = 32,

    /// <summary>Does not order the transaction.</summary>
    Meta = 64,

    /// <summary>For %verify.</summary>
    Verify = 128,

    /// <summary>Before the transaction that removes it.</summary>
    PreUninstallTransaction = 256,

    /// <summary>After the transaction that removed it.</summary>
    PostUninstallTransaction = 512,
}

/// <summary>One package name with an optional bound.</summary>
/// <param name="Name">Package, capability or (rpm) file path.</param>
/// <param name="Operator">Comparison.</param>
/// <param name="Version">Version in the format's own spelling, null when any.</param>
/// <param name="Architecture">deb architecture qualifier (<c>any</c>, <c>native</c>, an architecture), or null.</param>
public sealed record RelationTarget(string Name, RelationOperator Operator = RelationOperator.Any, string? Version = null, string? Architecture = null);

/// <summary>A relation: alternatives of which one suffices, or an rpm rich dependency.</summary>
/// <param name="Kind">How.</param>
/// <param name="Alternatives">At least one target; more than one only where the format knows alternatives (deb <c>a | b</c>; rpm <c>(a or b)</c>).</param>
public sealed record PackageRelation(RelationKind Kind, IReadOnlyList<RelationTarget> Alternatives)
{
    /// <summary>When it is needed (rpm).</summary>
    public RelationQualifiers Qualifiers { get; init; }

    /// <summary>rpm rich (boolean) dependency, parentheses included; then <see cref="Alternatives"/> is empty.</summary>
    public string? RichExpression { get; init; }

    /// <summary>A relation to a single target.</summary>
    public static PackageRelation To(RelationKind kind, string name, RelationOperator op = RelationOperator.Any, string? version = null) =>
        new(kind, [new RelationTarget(name, op, version)]);
}
