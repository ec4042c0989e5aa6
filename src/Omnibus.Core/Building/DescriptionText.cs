using System.Text;

namespace Omnibus.Core.Building;

/// <summary>Lays out descriptions for formats that keep their lines as they are.</summary>
internal static class DescriptionText
{
    private const int Width = 79;

    /// <summary>Breaks long lines between words. Lines that begin with a blank or a bullet are lists or tables and stay lines of their own.</summary>
    public static string Wrap(string text)
    {
        var wrapped = new StringBuilder();
        int column = 0;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            bool own = line.Length == 0 || line[0] is ' ' or '\t' or '-' or '*';
            if (own)
            {
                EndLine(wrapped, ref column);
                wrapped.Append(line.TrimEnd()).Append('\n');
                continue;
            }

            foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (column > 0 && column + 1 + word.Length > Width)
                {
                    EndLine(wrapped, ref column);
                }

                wrapped.Append(column > 0 ? " " : string.Empty).Append(word);
                column += word.Length + (column > 0 ? 1 : 0);
            }
        }

        return wrapped.ToString().TrimEnd('\n');
    }

    private static void EndLine(StringBuilder text, ref int column)
    {
        if (column > 0)
        {
            text.Append('\n');
            column = 0;
        }
    }
}
