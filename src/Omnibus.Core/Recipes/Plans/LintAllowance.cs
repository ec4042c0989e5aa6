namespace Omnibus.Core.Recipes.Plans;

/// <summary>A finding that is accepted, by its tag and, where given, its package and path: never by a piece of text.</summary>
/// <param name="Tag">Tag of lintian or rpmlint, or id of our own rule.</param>
public sealed record LintAllowance(string Tag)
{
    /// <summary>Packages that it holds for; empty: all.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Glob over paths of the package (<c>/opt/**</c>), or null for any and none.</summary>
    public string? Path { get; init; }

    /// <summary>Why it is accepted, or null.</summary>
    public string? Reason { get; init; }
}
