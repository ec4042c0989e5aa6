namespace Omnibus.Core.Vms.Testing;

/// <summary>How one check of an installation ended.</summary>
public enum PackageTestResult
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Works, but something should be looked at.</summary>
    Warning,

    /// <summary>Not as it should be.</summary>
    Failed,

    /// <summary>Not done: it cannot be looked at there.</summary>
    Skipped,
}

/// <summary>One check of an installation.</summary>
/// <param name="Vm">Where it was done.</param>
/// <param name="Check">What was done.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Detail">One line about it.</param>
/// <param name="Transcript">What the programs wrote.</param>
public sealed record PackageTestCheck(string Vm, string Check, PackageTestResult Result, TimeSpan Duration, string Detail, string Transcript);
