namespace Omnibus.Core.Recipes.Plans;

/// <summary>What must hold once the packages are installed.</summary>
public sealed record InstallTestPlan
{
    /// <summary>Commands that must succeed.</summary>
    public IReadOnlyList<SmokeCommand> Commands { get; init; } = [];

    /// <summary>systemd units that must be active.</summary>
    public IReadOnlyList<string> ActiveServices { get; init; } = [];

    /// <summary>URLs that must answer with a 2xx status, asked on the target.</summary>
    public IReadOnlyList<SmokeUrl> Urls { get; init; } = [];
}

/// <summary>A command that must end with exit code 0.</summary>
/// <param name="Arguments">Program and arguments.</param>
/// <param name="ExpectedOutput">Text that its standard output must hold, or null.</param>
public sealed record SmokeCommand(IReadOnlyList<string> Arguments, string? ExpectedOutput = null);

/// <summary>A URL that must answer.</summary>
/// <param name="Url">http or https.</param>
/// <param name="ExpectedText">Text that the body must hold, or null.</param>
public sealed record SmokeUrl(string Url, string? ExpectedText = null);
