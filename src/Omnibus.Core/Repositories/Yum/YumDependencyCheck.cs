using Omnibus.Core.Diagnostics;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Looks for requirements that the packages of a repository cannot meet.</summary>
internal static class YumDependencyCheck
{
    /// <summary>One finding for each requirement on a package of the repository in a version that it does not have, and one for all that must come from elsewhere.</summary>
    public static IEnumerable<Finding> Run(string location, IReadOnlyList<PublishedPackage> packages)
    {
        var provides = new Dictionary<string, List<(string Op, string Version)>>(StringComparer.Ordinal);
        foreach (PublishedPackage package in packages)
        {
            foreach ((string field, string value) in package.Fields)
            {
                if (field is "Provides" or "File")
                {
                    (string name, string op, string version) = Split(value);
                    if (!provides.TryGetValue(name, out List<(string, string)>? versions))
                    {
                        provides.Add(name, versions = []);
                    }

                    versions.Add((op, version));
                }
            }
        }

        var external = new SortedSet<string>(StringComparer.Ordinal);
        foreach (PublishedPackage package in packages)
        {
            foreach ((string field, string value) in package.Fields)
            {
                if (field != "Requires" || value.StartsWith('('))
                {
                    continue;
                }

                (string name, string op, string version) = Split(value);
                if (!provides.TryGetValue(name, out List<(string Op, string Version)>? versions))
                {
                    external.Add(name);
                }
                else if (!versions.Exists(p => Meets(p.Op, p.Version, op, version)))
                {
                    yield return new Finding(
                        "RepositoryDependencyUnmet",
                        FindingSeverity.Error,
                        $"{package} needs {value}; the repository has {string.Join(", ", versions.Select(v => $"{name} {v.Op} {v.Version}".TrimEnd()).Distinct().Take(10))}.",
                        package.ToString(),
                        package.Key);
                }
            }
        }

        if (external.Count > 0)
        {
            yield return new Finding(
                "RepositoryDependencyElsewhere",
                FindingSeverity.Information,
                $"{external.Count} names must come from the distribution or another repository: {string.Join(", ", external.Take(50))}{(external.Count > 50 ? ", …" : string.Empty)}.",
                location);
        }
    }

    // Two ranges overlap, as rpm compares them (rpmdsCompare): a side without a version takes all.
    private static bool Meets(string providedOp, string provided, string op, string wanted)
    {
        if (op.Length == 0 || providedOp.Length == 0)
        {
            return true;
        }

        int order = Compare(provided, wanted);
        return (order < 0 && (providedOp.Contains('>', StringComparison.Ordinal) || op.Contains('<', StringComparison.Ordinal)))
            || (order > 0 && (providedOp.Contains('<', StringComparison.Ordinal) || op.Contains('>', StringComparison.Ordinal)))
            || (order == 0 && ((providedOp.Contains('=', StringComparison.Ordinal) && op.Contains('=', StringComparison.Ordinal))
                || (providedOp.Contains('<', StringComparison.Ordinal) && op.Contains('<', StringComparison.Ordinal))
                || (providedOp.Contains('>', StringComparison.Ordinal) && op.Contains('>', StringComparison.Ordinal))));
    }

    // A release counts only where both have one.
    private static int Compare(string provided, string wanted)
    {
        int providedDash = provided.LastIndexOf('-');
        int wantedDash = wanted.LastIndexOf('-');
        return providedDash >= 0 && wantedDash >= 0
            ? RpmVersionComparer.Instance.Compare(provided, wanted)
            : RpmVersionComparer.Instance.Compare(providedDash < 0 ? provided : provided[..providedDash], wantedDash < 0 ? wanted : wanted[..wantedDash]);
    }

    // `name`, or `name op version`; names of files may hold blanks but no comparison.
    private static (string Name, string Op, string Version) Split(string text)
    {
        string[] words = text.Split(' ');
        return words.Length == 3 && words[1] is ("<" or "<=" or "=" or ">=" or ">") ? (words[0], words[1], words[2]) : (text, string.Empty, string.Empty);
    }
}
