using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Omnibus.Help;

/// <summary>Reads a cmdlet's markdown file (the sections of platyPS's schema 2.0.0).</summary>
internal static class HelpTopicReader
{
    /// <summary>Reads a file's text.</summary>
    public static HelpTopic Read(string text)
    {
        MarkdownDocument document = MarkdownText.Parse(text);
        HeadingBlock? title = document.OfType<HeadingBlock>().FirstOrDefault(h => h.Level == 1);
        Dictionary<string, List<Block>> sections = Sections(document, 2).ToDictionary(s => s.Title.ToUpperInvariant(), s => s.Blocks, StringComparer.Ordinal);
        List<(string Title, List<Block> Blocks)> parameters =
            [.. Sections(Section("PARAMETERS"), 3).Where(p => p.Title.StartsWith('-')).Select(p => (p.Title[1..], p.Blocks))];
        return new HelpTopic
        {
            Name = MarkdownText.Of(title?.Inline),
            Synopsis = Text(Section("SYNOPSIS")),
            Description = Text(Section("DESCRIPTION")),
            Examples = [.. Sections(Section("EXAMPLES"), 3).Select(Example)],
            Parameters = [.. parameters.Select(p => Entry(p.Title, p.Blocks.Where(b => !IsTable(b))))],
            Defaults = parameters.Select(p => (p.Title, Value: Default(p.Blocks))).Where(p => p.Value is not null)
                .DistinctBy(p => p.Title, StringComparer.Ordinal).ToDictionary(p => p.Title, p => p.Value!, StringComparer.Ordinal),
            Inputs = [.. Sections(Section("INPUTS"), 3).Select(s => Entry(s.Title, s.Blocks))],
            Outputs = [.. Sections(Section("OUTPUTS"), 3).Select(s => Entry(s.Title, s.Blocks))],
            Notes = Text(Section("NOTES")),
            Links = [.. Section("RELATED LINKS").OfType<LeafBlock>().SelectMany(b => b.Inline ?? Enumerable.Empty<Inline>()).OfType<LinkInline>().Select(l => KeyValuePair.Create(MarkdownText.Of(l), l.Url ?? string.Empty))],
        };

        List<Block> Section(string name) => sections.GetValueOrDefault(name) ?? [];
    }

    private static IEnumerable<(string Title, List<Block> Blocks)> Sections(IEnumerable<Block> blocks, int level)
    {
        string? title = null;
        var content = new List<Block>();
        foreach (Block block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level <= level)
            {
                if (title is not null)
                {
                    yield return (title, content);
                }

                title = heading.Level == level ? MarkdownText.Of(heading.Inline) : null;
                content = [];
            }
            else if (title is not null)
            {
                content.Add(block);
            }
        }

        if (title is not null)
        {
            yield return (title, content);
        }
    }

    private static HelpExample Example((string Title, List<Block> Blocks) section) => new(
        section.Title,
        string.Join("\n\n", section.Blocks.OfType<CodeBlock>().Select(MarkdownText.Of)),
        Text(section.Blocks.Where(b => b is not CodeBlock)));

    private static KeyValuePair<string, IReadOnlyList<string>> Entry(string title, IEnumerable<Block> blocks) => KeyValuePair.Create(title, Text(blocks));

    private static IReadOnlyList<string> Text(IEnumerable<Block> blocks) => [.. blocks.SelectMany(MarkdownText.Paragraphs).Where(p => p.Length > 0)];

    private static bool IsTable(Block block) => block is FencedCodeBlock { Info: "yaml" };

    private static string? Default(List<Block> blocks)
    {
        const string Key = "Default value:";
        return blocks.OfType<FencedCodeBlock>().Where(IsTable).SelectMany(b => MarkdownText.Of(b).Split('\n'))
            .Where(l => l.StartsWith(Key, StringComparison.Ordinal)).Select(l => l[Key.Length..].Trim()).FirstOrDefault(v => v.Length > 0);
    }
}
