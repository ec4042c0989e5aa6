namespace Omnibus.Help;

/// <summary>Holds a topic against its cmdlet: what has no text, and what has text and does not exist.</summary>
internal static class TopicCheck
{
    /// <summary>Every fault, one a line.</summary>
    public static IEnumerable<string> Faults(CmdletDescription cmdlet, HelpTopic topic)
    {
        if (topic.Name != cmdlet.Name)
        {
            yield return $"the title is '{topic.Name}', not '{cmdlet.Name}'";
        }

        if (IsMissing(topic.Synopsis))
        {
            yield return "SYNOPSIS has no text";
        }
        else if (topic.Synopsis[0].StartsWith(cmdlet.Name, StringComparison.OrdinalIgnoreCase))
        {
            yield return "SYNOPSIS repeats the name";
        }

        if (IsMissing(topic.Description))
        {
            yield return "DESCRIPTION has no text";
        }

        foreach (string fault in ParameterFaults(cmdlet, topic).Concat(ExampleFaults(topic)))
        {
            yield return fault;
        }

        bool takesInput = cmdlet.Parameters.Any(p => p.Places.Any(x => x.ByValue || x.ByPropertyName));
        foreach (string fault in TypeFaults("INPUTS", topic.Inputs, takesInput).Concat(TypeFaults("OUTPUTS", topic.Outputs, required: true)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> ParameterFaults(CmdletDescription cmdlet, HelpTopic topic)
    {
        foreach (ParameterDescription parameter in cmdlet.Parameters)
        {
            if (!topic.Parameters.Any(p => p.Key == parameter.Name && !IsMissing(p.Value)))
            {
                yield return $"parameter -{parameter.Name} has no text";
            }
        }

        foreach (string name in topic.Parameters.Select(p => p.Key).Where(n => !cmdlet.Parameters.Any(p => p.Name == n)))
        {
            yield return $"there is a text for -{name}, but no such parameter (-WhatIf, -Confirm and the common parameters need none)";
        }

        foreach (string name in topic.Parameters.GroupBy(p => p.Key, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            yield return $"-{name} is described more than once";
        }
    }

    private static IEnumerable<string> ExampleFaults(HelpTopic topic)
    {
        if (topic.Examples.Count == 0)
        {
            yield return "there is no example";
        }

        for (int i = 0; i < topic.Examples.Count; i++)
        {
            HelpExample example = topic.Examples[i];
            string prefix = $"Example {i + 1}: ";
            if (!example.Title.StartsWith(prefix, StringComparison.Ordinal) || example.Title.Contains(TopicUpdater.Placeholder, StringComparison.Ordinal))
            {
                yield return $"example '{example.Title}' should be titled '{prefix}what it does'";
            }

            if (example.Code.Length == 0)
            {
                yield return $"example '{example.Title}' has no code";
            }

            if (IsMissing(example.Text))
            {
                yield return $"example '{example.Title}' has no explanation";
            }
        }
    }

    private static IEnumerable<string> TypeFaults(string section, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> types, bool required)
    {
        if (required && types.Count == 0)
        {
            yield return $"{section} names no type (write '### None' when there is none)";
        }

        foreach ((string type, IReadOnlyList<string> text) in types)
        {
            if (type.Contains(TopicUpdater.Placeholder, StringComparison.Ordinal) || (type != "None" && IsMissing(text)))
            {
                yield return $"{section}: {type} has no text";
            }
        }
    }

    private static bool IsMissing(IReadOnlyList<string> text) =>
        text.Count == 0 || text.Any(p => p.Contains(TopicUpdater.Placeholder, StringComparison.Ordinal));
}
