namespace Omnibus.Core.Repositories;

/// <summary>What there can be only one of in a repository.</summary>
/// <param name="Component">Component; empty where the format knows none.</param>
/// <param name="Name">Package name.</param>
/// <param name="Version">Version as the index spells it, epoch and release included.</param>
/// <param name="Architecture">Architecture in the format's own name.</param>
public readonly record struct PackageIdentity(string Component, string Name, string Version, string Architecture)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version} {Architecture}";
}
