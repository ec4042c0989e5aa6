using System.Text;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>Writes the keys of a section and of all sections below it as markdown tables.</summary>
internal static class KeyReferenceWriter
{
    /// <summary>The reference.</summary>
    public static string Write(SectionSchema root)
    {
        var text = new StringBuilder();
        var seen = new HashSet<Type>();
        var waiting = new Queue<SectionSchema>([root]);
        while (waiting.TryDequeue(out SectionSchema? section))
        {
            if (!seen.Add(section.Type))
            {
                continue;
            }

            text.Append("### ").Append(section.Title);
            text.Append(section.Path.Length == 0 ? "\n\n" : $" (`{section.Path}`)\n\n");
            text.Append("| key | value | meaning |\n|---|---|---|\n");
            foreach (KeySchema key in section.Keys)
            {
                string required = key.Attribute.Required ? " **required**" : string.Empty;
                string standard = key.Attribute.Default is { } value ? $" Default: {value}." : string.Empty;
                text.Append("| `").Append(key.Name).Append('`').Append(required).Append(" | ").Append(Cell(Describe(key.Value))).Append(" | ").Append(Cell(key.Attribute.Description + standard)).Append(" |\n");
                if (Below(key.Value) is { } below)
                {
                    waiting.Enqueue(below);
                }
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static SectionSchema? Below(ValueSchema schema) => schema switch
    {
        SectionValueSchema value => value.Section,
        ListSchema list => Below(list.Item),
        MapSchema map => Below(map.Value),
        _ => null,
    };

    private static string Describe(ValueSchema schema) => schema switch
    {
        TextSchema => "text",
        IntegerSchema => "number",
        BooleanSchema => "`true`, `false`",
        ModeSchema => "octal",
        ChoiceSchema choice => string.Join(", ", choice.Choices.Select(c => $"`{c.Key}`")),
        CommandSchema => "arguments or script",
        ListSchema list => "list of " + Describe(list.Item),
        MapSchema map => "names to " + Describe(map.Value),
        OverridesSchema => "targets to keys of this section",
        SectionValueSchema { Section: var section } => section.ShortKey is null ? LowerFirst(section.Title) : $"{LowerFirst(section.Title)}, or its `{section.ShortKey.Name}`",
        _ => schema.Expected,
    };

    private static string LowerFirst(string text) => text.StartsWith("A ", StringComparison.Ordinal) || text.StartsWith("An ", StringComparison.Ordinal) || text.StartsWith("The ", StringComparison.Ordinal)
        ? char.ToLowerInvariant(text[0]) + text[1..]
        : text.ToLowerInvariant();

    // A bar ends a cell; angle brackets would be taken for HTML.
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
