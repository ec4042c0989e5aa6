using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Vms.Testing;

/// <summary>What is to be installed and what must hold then.</summary>
public sealed record PackageTestRequest
{
    /// <summary>Package files on the host; installed together.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>The repository that packages are installed from by name, or null.</summary>
    public GuestRepository? Repository { get; init; }

    /// <summary>Names of the packages to install from the repository.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Version that is installed first and upgraded from, or null.</summary>
    public string? UpgradeFrom { get; init; }

    /// <summary>Also goes back to <see cref="UpgradeFrom"/> and forward again.</summary>
    public bool Downgrade { get; init; }

    /// <summary>What must hold, as the recipe says.</summary>
    public InstallTestPlan Tests { get; init; } = new();

    /// <summary>Text for bash that must succeed as root, or null.</summary>
    public string? Script { get; init; }

    /// <summary>Leaves the packages installed.</summary>
    public bool KeepInstalled { get; init; }
}
