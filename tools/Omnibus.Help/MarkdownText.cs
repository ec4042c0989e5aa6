using System.Text;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Omnibus.Help;

/// <summary>Markdown as plain text, the way a terminal shows help.</summary>
internal static class MarkdownText
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build();

    /// <summary>Parses a file's text.</summary>
    public static MarkdownDocument Parse(string text) => Markdown.Parse(text, s_pipeline);

    /// <summary>Inline content as one line.</summary>
    public static string Of(ContainerInline? inline)
    {
        var text = new StringBuilder();
        Append(text, inline);
        return text.ToString().Trim();
    }

    /// <summary>A fenced or indented code block's lines.</summary>
    public static string Of(CodeBlock block) => block.Lines.ToString().TrimEnd();

    /// <summary>A block as paragraphs: one for a paragraph or code block, one for each item or row.</summary>
    public static IEnumerable<string> Paragraphs(Block block) => block switch
    {
        CodeBlock code => [Of(code)],
        LeafBlock leaf => [Of(leaf.Inline)],
        ListBlock list => list.OfType<ListItemBlock>().Select((item, index) =>
            (list.IsOrdered ? $"{index + 1}. " : "- ") + string.Join("\n  ", item.SelectMany(Paragraphs))),
        Table table => table.OfType<TableRow>().Where(r => !r.IsHeader).Select(Row),
        ContainerBlock container => container.SelectMany(Paragraphs),
        _ => [],
    };

    /// <summary>The cells of a row as text.</summary>
    public static IReadOnlyList<string> Cells(TableRow row) =>
        [.. row.OfType<TableCell>().Select(c => string.Join(' ', c.SelectMany(Paragraphs)))];

    private static string Row(TableRow row)
    {
        IReadOnlyList<string> cells = Cells(row);
        return "- " + cells[0] + ": " + string.Join("; ", cells.Skip(1).Where(c => c.Length > 0));
    }

    private static void Append(StringBuilder text, ContainerInline? container)
    {
        foreach (Inline inline in container ?? Enumerable.Empty<Inline>())
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case LineBreakInline { IsHard: true }:
                    text.Append('\n');
                    break;
                case LineBreakInline:
                    text.Append(' ');
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded.AsSpan());
                    break;
                case AutolinkInline link:
                    text.Append(link.Url);
                    break;
                case LinkInline { Url: { } url } link:
                    Append(text, link);
                    if (url.Contains("://", StringComparison.Ordinal))
                    {
                        text.Append(" (").Append(url).Append(')');
                    }

                    break;
                case ContainerInline nested:
                    Append(text, nested);
                    break;
                default:
                    break;
            }
        }
    }
}
