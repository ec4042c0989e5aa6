namespace Omnibus.Core.Packages.Rpm;

/// <summary>Checks rich dependencies (rpm's docs/manual/boolean_dependencies.md): <c>(a or b)</c>, <c>(a >= 1 if b else c)</c>.</summary>
internal ref struct RpmRichExpression
{
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private RpmRichExpression(ReadOnlySpan<char> text) => _text = text;

    /// <summary>What is wrong with an expression, or null.</summary>
    public static string? FindFault(string text)
    {
        var expression = new RpmRichExpression(text);
        string? fault = expression.ReadGroup(0, out _);
        return fault ?? (expression._at == text.Length ? null : "something follows its last parenthesis");
    }

    // group: '(' operand (operator operand)* ')'; all operators alike, but `else` after `if` or `unless`.
    private string? ReadGroup(int depth, out string? first)
    {
        first = null;
        if (depth > MaxDepth)
        {
            return "it is nested too deeply";
        }

        if (!TakeChar('('))
        {
            return "it does not begin with a parenthesis";
        }

        if (ReadOperand(depth, out string? inner) is { } fault)
        {
            return fault;
        }

        string? last = null;
        while (!TakeChar(')'))
        {
            ReadOnlySpan<char> word = TakeWord();
            if (word is not ("and" or "or" or "if" or "unless" or "else" or "with" or "without"))
            {
                return word.IsEmpty ? "it ends too early" : $"'{word}' is no operator";
            }

            bool isElse = word is "else";
            if (isElse ? last is not ("if" or "unless") : last is not null && (!word.SequenceEqual(last) || word is "if" or "unless" or "without"))
            {
                return $"'{word}' cannot follow '{last}' without parentheses";
            }

            last = word.ToString();
            first ??= last;
            if (ReadOperand(depth, out string? next) is { } laterFault)
            {
                return laterFault;
            }

            // rpm refuses what would turn its meaning round (lib/rpmds.cc).
            inner ??= next;
            if ((first == "or" && (inner == "if" || next == "if")) || (first == "and" && (inner == "unless" || next == "unless")))
            {
                return first == "or" ? "'if' may not stand under 'or'" : "'unless' may not stand under 'and'";
            }
        }

        return null;
    }

    private string? ReadOperand(int depth, out string? groupOperator)
    {
        groupOperator = null;
        SkipSpace();
        if (_at < _text.Length && _text[_at] == '(')
        {
            return ReadGroup(depth + 1, out groupOperator);
        }

        if (TakeWord().IsEmpty)
        {
            return "a name is missing";
        }

        int before = _at;
        if (TakeWord() is not ("<" or "<=" or "=" or "==" or ">=" or ">"))
        {
            _at = before;
            return null;
        }

        return TakeWord().IsEmpty ? "a version is missing" : null;
    }

    private bool TakeChar(char wanted)
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == wanted)
        {
            _at++;
            return true;
        }

        return false;
    }

    // A name may hold parentheses of its own, `python3dist(x)`: they count as long as they balance.
    private ReadOnlySpan<char> TakeWord()
    {
        SkipSpace();
        int start = _at;
        int open = 0;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]))
        {
            char c = _text[_at];
            if (c == ')' && open == 0)
            {
                break;
            }

            open += c == '(' ? 1 : c == ')' ? -1 : 0;
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
