using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>Chooses published packages by wildcards, whatever the case, and knows afterwards which names were not there.</summary>
internal sealed class RepoPackageSelection(string[] names, string[] versions, string[] architectures, string[] components)
{
    private readonly WildcardPattern[] _names = Patterns(names);
    private readonly WildcardPattern[] _versions = Patterns(versions);
    private readonly WildcardPattern[] _architectures = Patterns(architectures);
    private readonly WildcardPattern[] _components = Patterns(components);
    private readonly bool[] _found = new bool[names.Length];

    /// <summary>Whether a package is chosen.</summary>
    public bool Matches(PublishedPackage package)
    {
        if (!Any(_versions, package.Version) || !Any(_architectures, package.Architecture) || !Any(_components, package.Component))
        {
            return false;
        }

        bool any = false;
        for (int i = 0; i < _names.Length; i++)
        {
            if (_names[i].IsMatch(package.Name))
            {
                any = _found[i] = true;
            }
        }

        return any;
    }

    /// <summary>One error for each package that was named without wildcards and was not among those that were looked at.</summary>
    /// <param name="location">Where they were looked for.</param>
    public IEnumerable<OmnibusException> FindMissing(string location)
    {
        string[] filters = [.. versions, .. architectures, .. components];
        if (filters.Any(f => f != "*" && WildcardPattern.ContainsWildcardCharacters(f)))
        {
            return [];
        }

        string[] given = [.. filters.Where(f => f != "*")];
        string wanted = given.Length == 0 ? string.Empty : $" ({string.Join(", ", given)})";
        return names.Where((n, i) => !_found[i] && !WildcardPattern.ContainsWildcardCharacters(n)).Select(n => new OmnibusException(
            "RepositoryPackageNotFound",
            ErrorKind.NotFound,
            $"{location} publishes no package '{n}'{wanted}.",
            n,
            "List what is there with Get-RepoPackage."));
    }

    private static WildcardPattern[] Patterns(string[] texts) =>
        Array.ConvertAll(texts, t => new WildcardPattern(t, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));

    private static bool Any(WildcardPattern[] patterns, string value) => Array.Exists(patterns, p => p.IsMatch(value));
}
