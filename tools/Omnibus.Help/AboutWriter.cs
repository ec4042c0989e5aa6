using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;

namespace Omnibus.Help;

/// <summary>Writes an about_ topic as the text file that Get-Help shows: headings in capitals, text below 80 columns.</summary>
internal static class AboutWriter
{
    private const int Width = 78;
    private const string CodeIndent = "      ";

    /// <summary>The text of a topic.</summary>
    /// <param name="name">The topic's name, for example <c>about_Omnibus</c>.</param>
    /// <param name="markdown">Its source. It needs a section <c>SHORT DESCRIPTION</c> of one line.</param>
    public static string Write(string name, string markdown)
    {
        var text = new StringBuilder();
        text.Append("TOPIC\n    ").Append(name).Append("\n\n");
        foreach (Block block in MarkdownText.Parse(markdown))
        {
            Append(text, block);
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>Faults of a topic, one a line.</summary>
    public static IEnumerable<string> Faults(string markdown)
    {
        MarkdownDocument document = MarkdownText.Parse(markdown);
        int index = document.TakeWhile(b => b is not HeadingBlock { Level: 2 } h || MarkdownText.Of(h.Inline).ToUpperInvariant() != "SHORT DESCRIPTION").Count();
        if (index + 1 >= document.Count || document[index + 1] is not ParagraphBlock)
        {
            yield return "needs a section SHORT DESCRIPTION with a line of text";
        }
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Markdig.Extensions.Yaml.YamlFrontMatterBlock or HeadingBlock { Level: 1 } or LinkReferenceDefinitionGroup:
                break;
            case HeadingBlock { Level: 2 } heading:
                text.Append(MarkdownText.Of(heading.Inline).ToUpperInvariant()).Append('\n');
                break;
            case HeadingBlock heading:
                text.Append("  ").Append(MarkdownText.Of(heading.Inline)).Append('\n');
                break;
            case CodeBlock code:
                Indent(text, MarkdownText.Of(code), CodeIndent);
                text.Append('\n');
                break;
            case Table table:
                AppendTable(text, table);
                text.Append('\n');
                break;
            case ListBlock:
                foreach (string item in MarkdownText.Paragraphs(block))
                {
                    Wrap(text, item, "    ", "      ");
                }

                text.Append('\n');
                break;
            default:
                foreach (string paragraph in MarkdownText.Paragraphs(block))
                {
                    Wrap(text, paragraph, "    ", "    ");
                    text.Append('\n');
                }

                break;
        }
    }

    // The first cell stands alone, the others are wrapped below it: tables of a web page do not fit into 80 columns.
    private static void AppendTable(StringBuilder text, Table table)
    {
        foreach (TableRow row in table.OfType<TableRow>().Where(r => !r.IsHeader))
        {
            IReadOnlyList<string> cells = MarkdownText.Cells(row);
            text.Append("    ").Append(cells[0]).Append('\n');
            Wrap(text, string.Join("; ", cells.Skip(1).Where(c => c.Length > 0)), "        ", "        ");
        }
    }

    private static void Indent(StringBuilder text, string lines, string indent)
    {
        foreach (string line in lines.Split('\n'))
        {
            text.Append((indent + line).TrimEnd()).Append('\n');
        }
    }

    private static void Wrap(StringBuilder text, string paragraph, string first, string further)
    {
        string line = first;
        bool empty = true;
        foreach (string word in paragraph.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > Width)
            {
                text.Append(line).Append('\n');
                line = further;
                empty = true;
            }

            line += empty ? word : " " + word;
            empty = false;
        }

        if (!empty)
        {
            text.Append(line).Append('\n');
        }
    }
}
