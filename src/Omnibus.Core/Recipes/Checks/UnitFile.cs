using System.Text;

namespace Omnibus.Core.Recipes.Checks;

/// <summary>A line of a systemd unit file.</summary>
/// <param name="Line">One-based number of its first line.</param>
/// <param name="Section">Section that it stands in, or null before the first.</param>
/// <param name="Key">Key, or null for a section's heading or a line that is neither.</param>
/// <param name="Value">Value, or the line itself when there is no key.</param>
internal sealed record UnitLine(int Line, string? Section, string? Key, string Value);

/// <summary>Takes a unit file apart (systemd.syntax(7)): sections, keys, continued lines.</summary>
internal static class UnitFile
{
    /// <summary>The lines that say something. A heading has neither key nor value; what is no <c>key=value</c> has no key but a value.</summary>
    public static IEnumerable<UnitLine> Read(string text)
    {
        string? section = null;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int first = i;
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1];
                yield return new UnitLine(first + 1, section, null, string.Empty);
                continue;
            }

            var whole = new StringBuilder(line);
            while (whole.Length > 0 && whole[^1] == '\\' && i + 1 < lines.Length)
            {
                string next = lines[++i].Trim();
                whole.Length--;

                // A comment inside a continued line is skipped, and the line goes on.
                whole.Append(next.Length > 0 && next[0] is '#' or ';' ? "\\" : " " + next);
            }

            string joined = whole.ToString();
            int equals = joined.IndexOf('=', StringComparison.Ordinal);
            yield return equals <= 0
                ? new UnitLine(first + 1, section, null, joined)
                : new UnitLine(first + 1, section, joined[..equals].TrimEnd(), joined[(equals + 1)..].TrimStart());
        }
    }
}
