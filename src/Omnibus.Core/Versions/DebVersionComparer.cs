namespace Omnibus.Core.Versions;

/// <summary>Orders versions as dpkg does (deb-version(7); <c>lib/dpkg/version.c</c>).</summary>
/// <remarks>A missing revision equals <c>0</c>.</remarks>
public sealed class DebVersionComparer : PackageVersionComparer
{
    private DebVersionComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static DebVersionComparer Instance { get; } = new();

    /// <summary>Compares two upstream versions or two revisions.</summary>
    public static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int i = 0;
        int j = 0;
        while (i < left.Length || j < right.Length)
        {
            // What is no digit, sign by sign: '~' first, then the end, then letters, then everything else.
            while ((i < left.Length && !char.IsAsciiDigit(left[i])) || (j < right.Length && !char.IsAsciiDigit(right[j])))
            {
                int difference = Order(left, i) - Order(right, j);
                if (difference != 0)
                {
                    return Math.Sign(difference);
                }

                i++;
                j++;
            }

            int result = CompareNumbers(left, ref i, right, ref j);
            if (result != 0)
            {
                return result;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    private protected override int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right) => ComparePart(left, right);

    private static int Order(ReadOnlySpan<char> text, int index)
    {
        if (index >= text.Length || char.IsAsciiDigit(text[index]))
        {
            return 0;
        }

        char sign = text[index];
        return sign == '~' ? -1 : char.IsAsciiLetter(sign) ? sign : sign + 256;
    }
}
