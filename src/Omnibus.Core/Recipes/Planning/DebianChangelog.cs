using System.Globalization;
using System.Text.RegularExpressions;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Reads a changelog in Debian's format (deb-changelog(5)).</summary>
internal static partial class DebianChangelog
{
    /// <summary>Reads the sections of a changelog.</summary>
    /// <exception cref="FormatException">A line is not of the format; the message says which.</exception>
    public static IReadOnlyList<ChangelogEntry> Read(string text)
    {
        var entries = new List<ChangelogEntry>();
        string? version = null;
        var changes = new List<string>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (line.Length == 0)
            {
                continue;
            }

            if (Heading().Match(line) is { Success: true } heading && version is null)
            {
                version = heading.Groups["version"].Value;
            }
            else if (line.StartsWith(" -- ", StringComparison.Ordinal) && version is not null)
            {
                Match end = Trailer().Match(line);
                if (!end.Success || !DateTimeOffset.TryParse(end.Groups["date"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out DateTimeOffset time))
                {
                    throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {i + 1}: expected ' -- Name <mail>  date'"));
                }

                entries.Add(new ChangelogEntry(version, time, end.Groups["author"].Value, [.. changes]));
                version = null;
                changes.Clear();
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal) && version is not null)
            {
                AddChange(changes, line.Trim());
            }
            else
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {i + 1}: not of the format of deb-changelog(5)"));
            }
        }

        return version is null ? entries : throw new FormatException($"the section of {version} has no ' -- ' line");
    }

    private static void AddChange(List<string> changes, string line)
    {
        if (line.StartsWith("* ", StringComparison.Ordinal) || changes.Count == 0)
        {
            changes.Add(line.StartsWith("* ", StringComparison.Ordinal) ? line[2..].Trim() : line);
        }
        else
        {
            changes[^1] += " " + line;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+.-]+ \((?<version>[^()\s]+)\)(?: [A-Za-z0-9.+-]+)+;.*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\A -- (?<author>[^<>]+ <[^<>]+>)  (?<date>.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Trailer();
}
