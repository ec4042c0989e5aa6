using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// One paragraph of a Debian control file (deb-control(5), deb822(5)): fields in order, names compared without case.
/// A value of several lines keeps its line breaks and the blanks that begin its further lines, so that what was read is written the same.
/// </summary>
public sealed class ControlStanza
{
    /// <summary>Greatest size of a paragraph, in characters. The greatest control files of Debian have some 100 KB.</summary>
    public const int MaximumLength = 4 * 1024 * 1024;

    private readonly List<KeyValuePair<string, string>> _fields = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The value of a field, or null.</summary>
    public string? this[string name] => _index.TryGetValue(name, out int i) ? _fields[i].Value : null;

    /// <summary>Adds a field at the end.</summary>
    /// <param name="name">Printable ASCII without colon, not beginning with <c>#</c> or <c>-</c>.</param>
    /// <param name="value">Its text; further lines begin with a blank and are not blank otherwise.</param>
    /// <exception cref="FormatException">Name or value cannot stand in a control file, or the field is there already.</exception>
    public void Add(string name, string value)
    {
        if (!IsFieldName(name))
        {
            throw new FormatException($"'{name}' cannot be the name of a field");
        }

        if (!IsFieldValue(value))
        {
            throw new FormatException($"the value of '{name}' cannot stand in a control file: its further lines must begin with a blank and hold text");
        }

        if (!_index.TryAdd(name, _fields.Count))
        {
            throw new FormatException($"the field '{name}' is there twice");
        }

        _fields.Add(new(name, value));
    }

    /// <summary>Adds a field unless the value is null or empty.</summary>
    public void AddUnlessEmpty(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Add(name, value);
        }
    }

    /// <summary>Reads a control file that holds exactly one paragraph. Empty lines before and after it are allowed.</summary>
    /// <exception cref="FormatException">It breaks the syntax; the message says where.</exception>
    public static ControlStanza Parse(ReadOnlySpan<char> text)
    {
        if (!TryParseNext(ref text, out ControlStanza? stanza))
        {
            throw new FormatException("the control file is empty");
        }

        return TryParseNext(ref text, out _) ? throw new FormatException("the control file has more than one paragraph") : stanza;
    }

    /// <summary>Reads the next paragraph and moves <paramref name="text"/> behind it.</summary>
    /// <param name="text">What is left of a file of paragraphs.</param>
    /// <param name="stanza">The paragraph.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="FormatException">It breaks the syntax; the message says where.</exception>
    public static bool TryParseNext(ref ReadOnlySpan<char> text, [NotNullWhen(true)] out ControlStanza? stanza)
    {
        stanza = null;
        string? name = null;
        var value = new StringBuilder();
        int line = 0;
        int total = 0;
        while (!text.IsEmpty)
        {
            line++;
            ReadOnlySpan<char> current = TakeLine(ref text);
            total += current.Length + 1;
            if (total > MaximumLength)
            {
                throw new FormatException($"a paragraph is longer than {MaximumLength} characters");
            }

            if (IsBlank(current))
            {
                if (stanza is null)
                {
                    continue;
                }

                break;
            }

            if (current[0] is ' ' or '\t')
            {
                if (name is null)
                {
                    throw new FormatException($"line {line} continues a field, but there is none");
                }

                value.Append('\n').Append(current);
                continue;
            }

            if (current[0] == '#')
            {
                continue;
            }

            stanza ??= new ControlStanza();
            Complete(stanza, name, value);
            int colon = current.IndexOf(':');
            if (colon <= 0)
            {
                throw new FormatException($"line {line} is no field: there is no colon");
            }

            name = current[..colon].ToString();
            value.Clear().Append(current[(colon + 1)..].Trim(" \t"));
        }

        if (stanza is not null)
        {
            Complete(stanza, name, value);
        }

        return stanza is not null;
    }

    /// <summary>The paragraph as it stands in a file, with a line feed at its end.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in _fields)
        {
            text.Append(name).Append(':');
            if (value.Length > 0 && value[0] != '\n')
            {
                text.Append(' ');
            }

            text.Append(value).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether this can be the name of a field.</summary>
    public static bool IsFieldName(ReadOnlySpan<char> name) =>
        !name.IsEmpty && name[0] is not ('#' or '-') && !name.ContainsAnyExceptInRange('!', '~') && !name.Contains(':');

    /// <summary>Whether this can be the value of a field: every further line begins with a blank and holds text.</summary>
    public static bool IsFieldValue(ReadOnlySpan<char> value)
    {
        if (value.ContainsAny('\r', '\0'))
        {
            return false;
        }

        TakeLine(ref value);
        while (!value.IsEmpty)
        {
            ReadOnlySpan<char> line = TakeLine(ref value);
            if (IsBlank(line) || line[0] is not (' ' or '\t'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsBlank(ReadOnlySpan<char> line) => line.Trim(" \t").IsEmpty;

    private static void Complete(ControlStanza stanza, string? name, StringBuilder value)
    {
        if (name is not null)
        {
            stanza.Add(name, value.ToString());
        }
    }

    private static ReadOnlySpan<char> TakeLine(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOf('\n');
        ReadOnlySpan<char> line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return line.EndsWith("\r") ? line[..^1] : line;
    }
}
