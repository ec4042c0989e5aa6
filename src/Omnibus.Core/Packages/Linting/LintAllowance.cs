using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Linting;

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

    /// <summary>Reads <c>tag</c> or <c>tag glob</c>, as they stand on a command line.</summary>
    public static LintAllowance Parse(string text)
    {
        string[] parts = text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new LintAllowance(parts.Length > 0 ? parts[0] : string.Empty) { Path = parts.Length > 1 ? parts[1] : null };
    }

    /// <summary>Whether it accepts a finding about a package.</summary>
    public bool Accepts(Finding finding, string package) =>
        Tag.Equals(finding.Id, StringComparison.Ordinal)
        && (Packages.Count == 0 || Packages.Contains(package, StringComparer.Ordinal))
        && (Path is null || (finding.Path is not null && PathGlob.Matches(Path, finding.Path)));
}
