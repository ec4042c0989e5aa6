using System.Text;
using System.Text.RegularExpressions;

namespace Omnibus.Core.Recipes.Plans;

/// <summary>Patterns that leave files out of a tree.</summary>
/// <remarks>
/// A pattern that begins with or holds a <c>/</c> is anchored at the tree's root: <c>/build</c> leaves out the top folder <c>build</c> and nothing of
/// that name further down. A pattern without a slash holds for any single name at any depth (<c>*.swp</c>), but a plain name without a wildcard
/// is anchored too: <c>dist</c> never takes away a nested folder of that name. <c>*</c> and <c>?</c> do not match a slash, <c>**</c> does.
/// What matches is left out with everything below it.
/// </remarks>
public sealed class PathExcludes
{
    private readonly Regex[] _patterns;

    /// <summary>Makes excludes from patterns.</summary>
    public PathExcludes(IReadOnlyList<string> patterns)
    {
        Patterns = patterns;
        _patterns = [.. patterns.Select(p => new Regex(ToRegex(p), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))];
    }

    /// <summary>Leaves out nothing.</summary>
    public static PathExcludes None { get; } = new([]);

    /// <summary>The patterns as written.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether a path is left out.</summary>
    /// <param name="relativePath">Path relative to the tree's root, parts joined by <c>/</c>, without a leading slash.</param>
    public bool Matches(string relativePath)
    {
        foreach (Regex pattern in _patterns)
        {
            if (pattern.IsMatch(relativePath))
            {
                return true;
            }
        }

        return false;
    }

    private static string ToRegex(string pattern)
    {
        string body = pattern.Trim('/');
        bool anchored = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal) || !body.AsSpan().ContainsAny('*', '?');
        var regex = new StringBuilder(anchored ? "^" : "(^|/)");
        for (int i = 0; i < body.Length; i++)
        {
            switch (body[i])
            {
                case '*' when i + 1 < body.Length && body[i + 1] == '*':
                    // "**/" also stands for no folder at all.
                    i++;
                    if (i + 1 < body.Length && body[i + 1] == '/')
                    {
                        i++;
                        regex.Append("(.*/)?");
                    }
                    else
                    {
                        regex.Append(".*");
                    }

                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                default:
                    regex.Append(Regex.Escape(body[i].ToString()));
                    break;
            }
        }

        // \z rather than $: a file name may end in a line feed.
        return regex.Append("(/|\\z)").ToString();
    }
}
