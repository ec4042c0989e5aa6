using Omnibus.Core.Packages;

namespace Omnibus.PowerShell.Output;

/// <summary>What the version of a project becomes in a package.</summary>
/// <param name="Version">The project's version.</param>
/// <param name="Target">The distribution or format.</param>
/// <param name="PackageVersion">The package's version: <c>[epoch:]upstream-release</c>.</param>
/// <param name="Epoch">Epoch, 0 when there is none.</param>
/// <param name="Upstream">Version without epoch and release.</param>
/// <param name="Release">Debian revision or rpm release.</param>
public sealed record ConvertedVersion(string Version, string Target, string PackageVersion, int Epoch, string Upstream, string? Release)
{
    /// <summary>Makes one of the engine's mapping.</summary>
    internal static ConvertedVersion Of(string version, string target, PackageVersion mapped) =>
        new(version, target, mapped.ToString(), mapped.Epoch, mapped.Upstream, mapped.Release);

    /// <inheritdoc/>
    public override string ToString() => PackageVersion;
}
