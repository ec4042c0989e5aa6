using Omnibus.Core.Processes;

namespace Omnibus.Core.Building;

/// <summary>How packages are built.</summary>
/// <param name="Destination">Folder for the packages; it is made when missing.</param>
public sealed record BuildOptions(string Destination)
{
    /// <summary>Version to build instead of the recipe's own, or null.</summary>
    public string? Version { get; init; }

    /// <summary>Replaces packages that are there with other content.</summary>
    public bool Force { get; init; }

    /// <summary>The cache: downloads, and the folder of a build while it runs.</summary>
    public string CacheDirectory { get; init; } = UserFolders.Cache;
}
