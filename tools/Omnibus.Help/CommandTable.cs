using System.Text;

namespace Omnibus.Help;

/// <summary>The table of commands in the README, between two markers: one row a cmdlet, linked, with its synopsis.</summary>
internal static class CommandTable
{
    private const string Begin = "<!-- begin commands: written by ./build.sh docs, do not edit -->";
    private const string End = "<!-- end commands -->";

    // The first family that a noun begins with takes it.
    private static readonly (string Title, string[] Nouns)[] s_families =
    [
        ("Signing keys", ["SigningKey"]),
        ("Servers and caches", ["RepositoryServer", "PackageCache"]),
        ("Repositories", ["Repo"]),
        ("Machines", ["BuildVm", "HostEntry", "PackageInstall"]),
        ("Packages", ["Omnibus", "Package"]),
        ("Others", [string.Empty]),
    ];

    private static readonly string[] s_order = ["Packages", "Signing keys", "Repositories", "Machines", "Servers and caches", "Others"];

    /// <summary>The README with its table made anew; the same text when it has no markers.</summary>
    /// <param name="readme">The README.</param>
    /// <param name="synopses">Name, noun and synopsis of each cmdlet.</param>
    public static string Update(string readme, IEnumerable<(string Name, string Noun, string Synopsis)> synopses)
    {
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal);
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            return readme;
        }

        var table = new StringBuilder(Begin).Append("\n| command | does |\n|---|---|\n");
        foreach (IGrouping<string, (string Name, string Noun, string Synopsis)> family in synopses.GroupBy(c => Family(c.Noun), StringComparer.Ordinal)
            .OrderBy(g => Array.IndexOf(s_order, g.Key)))
        {
            table.Append("| **").Append(family.Key).Append("** | |\n");
            foreach ((string name, _, string synopsis) in family.OrderBy(c => c.Noun, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal))
            {
                string text = synopsis.TrimEnd('.').Replace("|", "\\|", StringComparison.Ordinal);
                table.Append("| [").Append(name).Append("](docs/en-US/").Append(name).Append(".md) | ").Append(text).Append(" |\n");
            }
        }

        return readme[..begin] + table + readme[end..];
    }

    private static string Family(string noun) => s_families.First(f => f.Nouns.Any(n => noun.StartsWith(n, StringComparison.Ordinal))).Title;
}
