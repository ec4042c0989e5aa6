namespace Omnibus.Core.Diagnostics;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Should be mended, but works.</summary>
    Warning,

    /// <summary>Does not work, or will be refused.</summary>
    Error,
}

/// <summary>One thing that a check found.</summary>
/// <param name="Id">Stable id or the outside tool's own tag.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">What was found.</param>
/// <param name="Subject">What was checked: a package, a repository, a key, a recipe.</param>
/// <param name="Path">The file inside the subject, or null.</param>
/// <param name="Source">Who says so: <c>omnibus</c>, <c>lintian</c>, <c>rpmlint</c>.</param>
public sealed record Finding(
    string Id,
    FindingSeverity Severity,
    string Message,
    string? Subject = null,
    string? Path = null,
    string Source = "omnibus")
{
    /// <summary>One-based line in the file, or null.</summary>
    public int? Line { get; init; }

    /// <summary>One-based column in the line, or null.</summary>
    public int? Column { get; init; }

    /// <summary>What to do about it, or null.</summary>
    public string? Advice { get; init; }
}
