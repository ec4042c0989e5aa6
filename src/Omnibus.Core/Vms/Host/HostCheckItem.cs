namespace Omnibus.Core.Vms.Host;

/// <summary>How one check of the host ended.</summary>
public enum HostCheckResult
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Machines work, but less well.</summary>
    Warning,

    /// <summary>Machines do not work.</summary>
    Failed,
}

/// <summary>One check of whether this host can run machines.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do about it, or null.</param>
public sealed record HostCheckItem(string Check, HostCheckResult Result, string Detail, string? Advice = null);
