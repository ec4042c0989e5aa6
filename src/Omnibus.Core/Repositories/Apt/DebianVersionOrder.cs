namespace Omnibus.Core.Repositories.Apt;

/// <summary>The order of Debian's versions (deb-version(7)): epoch, then upstream version and revision by runs of non-digits and digits.</summary>
internal static class DebianVersionOrder
{
    /// <summary>Below zero when the first is earlier.</summary>
    public static int Compare(string first, string second)
    {
        (ReadOnlySpan<char> epoch1, ReadOnlySpan<char> upstream1, ReadOnlySpan<char> revision1) = Split(first);
        (ReadOnlySpan<char> epoch2, ReadOnlySpan<char> upstream2, ReadOnlySpan<char> revision2) = Split(second);
        int order = ComparePart(epoch1, epoch2);
        order = order != 0 ? order : ComparePart(upstream1, upstream2);
        return order != 0 ? order : ComparePart(revision1, revision2);
    }

    private static Parts Split(ReadOnlySpan<char> version)
    {
        int colon = version.IndexOf(':');
        ReadOnlySpan<char> epoch = colon < 0 ? "0" : version[..colon];
        ReadOnlySpan<char> rest = version[(colon + 1)..];
        int dash = rest.LastIndexOf('-');
        return dash < 0 ? new Parts(epoch, rest, "0") : new Parts(epoch, rest[..dash], rest[(dash + 1)..]);
    }

    private static int ComparePart(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int i = 0;
        int j = 0;
        while (i < a.Length || j < b.Length)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                int order = Weight(a, i) - Weight(b, j);
                if (order != 0)
                {
                    return order;
                }

                i++;
                j++;
            }

            ReadOnlySpan<char> number1 = TakeNumber(a, ref i);
            ReadOnlySpan<char> number2 = TakeNumber(b, ref j);
            int difference = number1.Length != number2.Length ? number1.Length - number2.Length : number1.SequenceCompareTo(number2);
            if (difference != 0)
            {
                return difference;
            }
        }

        return 0;
    }

    // ~ sorts before the end, the end and digits before letters, letters before all else.
    private static int Weight(ReadOnlySpan<char> text, int position) => position >= text.Length || char.IsAsciiDigit(text[position]) ? 0
        : text[position] == '~' ? -1
        : char.IsAsciiLetter(text[position]) ? text[position]
        : text[position] + 256;

    // Without leading zeros, so that a longer number is a greater one.
    private static ReadOnlySpan<char> TakeNumber(ReadOnlySpan<char> text, ref int position)
    {
        while (position < text.Length && text[position] == '0')
        {
            position++;
        }

        int start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        return text[start..position];
    }

    private readonly ref struct Parts(ReadOnlySpan<char> epoch, ReadOnlySpan<char> upstream, ReadOnlySpan<char> revision)
    {
        private readonly ReadOnlySpan<char> _epoch = epoch;
        private readonly ReadOnlySpan<char> _upstream = upstream;
        private readonly ReadOnlySpan<char> _revision = revision;

        public void Deconstruct(out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> upstream, out ReadOnlySpan<char> revision)
        {
            epoch = _epoch;
            upstream = _upstream;
            revision = _revision;
        }
    }
}
