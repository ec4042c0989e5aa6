using System.Text.RegularExpressions;

namespace Omnibus.Core.Serving;

/// <summary>How long clients and caches between may keep a file of a repository.</summary>
public static partial class CachePolicy
{
    /// <summary>For files whose name says their content: it never changes.</summary>
    public const string Immutable = "public, max-age=31536000, immutable";

    /// <summary>For pointers and what they name by position: asked for again each time.</summary>
    public const string Revalidate = "no-cache";

    /// <summary>Matches the paths of immutable files: packages, by-hash indexes, content-addressed yum metadata.</summary>
    public const string ImmutablePattern = @"(\.(deb|udeb|rpm)|/by-hash/[A-Za-z0-9]+/[0-9a-f]+|/[0-9a-f]{64}-[A-Za-z0-9_.-]+)$";

    /// <summary>The header's value for a path.</summary>
    public static string For(string path) => ImmutablePath().IsMatch(path) ? Immutable : Revalidate;

    [GeneratedRegex(ImmutablePattern)]
    private static partial Regex ImmutablePath();
}
