namespace Omnibus.Core.Packages.Linting;

/// <summary>What a check of a package takes and leaves.</summary>
public sealed record PackageLintOptions
{
    /// <summary>Findings that are accepted and left out.</summary>
    public IReadOnlyList<LintAllowance> Allowances { get; init; } = [];

    /// <summary>Runs lintian or rpmlint, where they are installed, beside our own rules.</summary>
    public bool UsePrograms { get; init; } = true;
}
