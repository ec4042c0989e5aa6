namespace Omnibus.Core.Repositories.Yum;

/// <summary>Compares versions as rpm does (<c>rpmvercmp</c>, rpm's docs/manual/dependencies.md).</summary>
internal static class RpmVersionOrder
{
    /// <summary>Compares whole versions: <c>[epoch:]version[-release]</c>. A missing epoch is 0; a release counts only when both have one.</summary>
    public static int CompareEvr(string first, string second)
    {
        (string epochA, string versionA, string? releaseA) = Split(first);
        (string epochB, string versionB, string? releaseB) = Split(second);
        int order = Compare(epochA, epochB);
        order = order != 0 ? order : Compare(versionA, versionB);
        return order != 0 || releaseA is null || releaseB is null ? order : Compare(releaseA, releaseB);
    }

    /// <summary>Compares two versions or two releases.</summary>
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty || !b.IsEmpty)
        {
            a = SkipSeparators(a);
            b = SkipSeparators(b);

            // A tilde is older than everything, even the end; a caret is newer than the end but older than anything else.
            bool tildeA = a.StartsWith('~');
            bool tildeB = b.StartsWith('~');
            if (tildeA || tildeB)
            {
                if (!tildeA || !tildeB)
                {
                    return tildeA ? -1 : 1;
                }

                a = a[1..];
                b = b[1..];
                continue;
            }

            bool caretA = a.StartsWith('^');
            bool caretB = b.StartsWith('^');
            if (caretA || caretB)
            {
                if (caretA && caretB)
                {
                    a = a[1..];
                    b = b[1..];
                    continue;
                }

                return caretA ? (b.IsEmpty ? 1 : -1) : (a.IsEmpty ? -1 : 1);
            }

            if (a.IsEmpty || b.IsEmpty)
            {
                break;
            }

            bool numeric = char.IsAsciiDigit(a[0]);
            ReadOnlySpan<char> partA = TakeSegment(ref a, numeric);
            ReadOnlySpan<char> partB = TakeSegment(ref b, numeric);
            if (partB.IsEmpty)
            {
                // Segments of different types: numbers are newer than letters.
                return numeric ? 1 : -1;
            }

            int order = numeric ? CompareNumbers(partA, partB) : partA.SequenceCompareTo(partB);
            if (order != 0)
            {
                return Math.Sign(order);
            }
        }

        return a.IsEmpty ? (b.IsEmpty ? 0 : -1) : 1;
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        int i = 0;
        while (i < text.Length && !char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('~' or '^'))
        {
            i++;
        }

        return text[i..];
    }

    private static ReadOnlySpan<char> TakeSegment(ref ReadOnlySpan<char> text, bool numeric)
    {
        int i = 0;
        while (i < text.Length && (numeric ? char.IsAsciiDigit(text[i]) : char.IsAsciiLetter(text[i])))
        {
            i++;
        }

        ReadOnlySpan<char> segment = text[..i];
        text = text[i..];
        return segment;
    }

    private static (string Epoch, string Version, string? Release) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string epoch = colon > 0 ? text[..colon] : "0";
        string rest = text[(colon + 1)..];
        int dash = rest.LastIndexOf('-');
        return dash < 0 ? (epoch, rest, null) : (epoch, rest[..dash], rest[(dash + 1)..]);
    }
}
