using System.Management.Automation;
using Omnibus.Core.Repositories;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>Chooses published packages by wildcards, whatever the case.</summary>
internal sealed class RepoPackageSelection(string[] names, string[] versions, string[] architectures, string[] components)
{
    private readonly WildcardPattern[] _names = Patterns(names);
    private readonly WildcardPattern[] _versions = Patterns(versions);
    private readonly WildcardPattern[] _architectures = Patterns(architectures);
    private readonly WildcardPattern[] _components = Patterns(components);

    /// <summary>Whether a package is chosen.</summary>
    public bool Matches(PublishedPackage package) =>
        Any(_names, package.Name) && Any(_versions, package.Version) && Any(_architectures, package.Architecture) && Any(_components, package.Component);

    private static WildcardPattern[] Patterns(string[] texts) =>
        Array.ConvertAll(texts, t => new WildcardPattern(t, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));

    private static bool Any(WildcardPattern[] patterns, string value) => Array.Exists(patterns, p => p.IsMatch(value));
}
