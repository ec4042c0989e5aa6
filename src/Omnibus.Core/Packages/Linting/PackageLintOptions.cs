using Omnibus.Core.Signing;

namespace Omnibus.Core.Packages.Linting;

/// <summary>What a check of a package takes and leaves.</summary>
public sealed record PackageLintOptions
{
    /// <summary>Findings that are accepted and left out.</summary>
    public IReadOnlyList<LintAllowance> Allowances { get; init; } = [];

    /// <summary>Runs lintian or rpmlint, where they are installed, beside our own rules.</summary>
    public bool UsePrograms { get; init; } = true;

    /// <summary>Keys that the package's signatures are checked with; null: they are not checked.</summary>
    public SignatureVerifier? Trusted { get; init; }

    /// <summary>With <see cref="Trusted"/>: whether a package without a good signature is an error.</summary>
    public bool RequireSignature { get; init; }
}
