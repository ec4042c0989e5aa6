using System.Text;

namespace Omnibus.Help;

/// <summary>
/// Completes a cmdlet's markdown file with what the compiled cmdlet knows: the syntax and the table of each parameter. Prose is left
/// alone; what is missing is added with a placeholder, which the build refuses.
/// </summary>
internal static class TopicUpdater
{
    /// <summary>Marks text that someone has to write.</summary>
    public const string Placeholder = "{{";

    /// <summary>The whole file, completed.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="text">The file as it is, or null when there is none.</param>
    public static string Update(CmdletDescription cmdlet, string? text)
    {
        text = (text ?? Scaffold(cmdlet)).ReplaceLineEndings("\n");
        HelpTopic topic = HelpTopicReader.Read(text);
        List<string> lines = [.. text.TrimEnd('\n').Split('\n')];
        ReplaceSyntax(lines, cmdlet);
        foreach (ParameterDescription parameter in cmdlet.Parameters)
        {
            ReplaceTable(lines, cmdlet, parameter, topic.Defaults.GetValueOrDefault(parameter.Name));
        }

        return string.Join('\n', lines) + "\n";
    }

    private static void ReplaceSyntax(List<string> lines, CmdletDescription cmdlet)
    {
        (int start, int end) = Find(lines, "## SYNTAX", 0, lines.Count, "## ");
        if (start < 0)
        {
            start = Math.Max(0, Find(lines, "## DESCRIPTION", 0, lines.Count, "## ").Start);
            end = start;
        }

        var block = new List<string> { "## SYNTAX", string.Empty };
        IReadOnlyList<string?> sets = cmdlet.Sets;
        foreach (string? set in sets)
        {
            if (set is not null)
            {
                block.Add($"### {set}{(set == cmdlet.DefaultSet && sets.Count > 1 ? " (Default)" : string.Empty)}");
            }

            block.AddRange(["```", .. SyntaxText.Lines(cmdlet, set), "```", string.Empty]);
        }

        lines.RemoveRange(start, end - start);
        lines.InsertRange(start, block);
    }

    private static void ReplaceTable(List<string> lines, CmdletDescription cmdlet, ParameterDescription parameter, string? defaultValue)
    {
        (int start, int end) = Find(lines, "## PARAMETERS", 0, lines.Count, "## ");
        if (start < 0)
        {
            return;
        }

        (int from, int to) = Find(lines, $"### -{parameter.Name}", start, end, "### ");
        if (from < 0)
        {
            to = end;
            from = end;
            lines.InsertRange(end, [$"### -{parameter.Name}", $"{Placeholder} What -{parameter.Name} is }}}}", string.Empty]);
            to += 3;
        }

        int fence = lines.FindIndex(from, to - from, l => l == "```yaml");
        if (fence >= 0)
        {
            int close = lines.FindIndex(fence + 1, l => l == "```");
            lines.RemoveRange(fence, close - fence + 1);
            to -= close - fence + 1;
        }

        while (to > from && lines[to - 1].Trim().Length == 0)
        {
            lines.RemoveAt(--to);
        }

        lines.InsertRange(to, [string.Empty, "```yaml", .. Table(cmdlet, parameter, defaultValue), "```", string.Empty]);
    }

    private static IEnumerable<string> Table(CmdletDescription cmdlet, ParameterDescription parameter, string? defaultValue)
    {
        ParameterPlace first = parameter.Places[0];
        string sets = first.Set is null ? "(All)" : string.Join(", ", parameter.Places.Select(p => p.Set).Order(StringComparer.Ordinal));
        yield return $"Type: {parameter.TypeName}";
        yield return $"Parameter Sets: {(cmdlet.Sets is [null] ? "(All)" : sets)}";
        yield return $"Aliases: {string.Join(", ", parameter.Aliases)}".TrimEnd();
        if (parameter.AcceptedValues.Count > 0)
        {
            yield return $"Accepted values: {string.Join(", ", parameter.AcceptedValues)}";
        }

        yield return string.Empty;
        yield return $"Required: {parameter.Places.All(p => p.Mandatory)}";
        yield return $"Position: {(first.Position is { } position ? position : "Named")}";
        yield return $"Default value: {defaultValue ?? (parameter.IsSwitch ? "False" : "None")}";
        yield return $"Accept pipeline input: {SyntaxText.Pipeline(parameter)}";
        yield return $"Accept wildcard characters: {parameter.Wildcards}";
    }

    private static (int Start, int End) Find(List<string> lines, string heading, int from, int to, string next)
    {
        bool code = false;
        int start = -1;
        for (int i = from; i < to; i++)
        {
            code ^= lines[i].StartsWith("```", StringComparison.Ordinal);
            if (code)
            {
                continue;
            }

            if (start < 0 && lines[i].TrimEnd() == heading)
            {
                start = i;
            }
            else if (start >= 0 && lines[i].StartsWith(next, StringComparison.Ordinal))
            {
                return (start, i);
            }
        }

        return (start, start < 0 ? -1 : to);
    }

    private static string Scaffold(CmdletDescription cmdlet)
    {
        var text = new StringBuilder();
        text.Append("---\nexternal help file: Omnibus.PowerShell.dll-Help.xml\nModule Name: Omnibus\nonline version:\nschema: 2.0.0\n---\n\n");
        text.Append("# ").Append(cmdlet.Name).Append("\n\n");
        foreach (string section in (string[])["SYNOPSIS", "DESCRIPTION"])
        {
            text.Append("## ").Append(section).Append("\n{{ Fill in }}\n\n");
        }

        text.Append("## EXAMPLES\n\n### Example 1: {{ Fill in }}\n```powershell\n").Append(cmdlet.Name).Append("\n```\n\n{{ Fill in }}\n\n");
        text.Append("## PARAMETERS\n\n## INPUTS\n\n### {{ Type, or None }}\n{{ Fill in }}\n\n## OUTPUTS\n\n### {{ Type, or None }}\n{{ Fill in }}\n\n## RELATED LINKS\n");
        return text.ToString();
    }
}
