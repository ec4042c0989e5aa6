namespace Omnibus.Core.Versions;

/// <summary>Orders versions as rpm 4.15 and later does (rpm-version(7); <c>rpmvercmp</c>).</summary>
/// <remarks>A missing release comes before every release.</remarks>
public sealed class RpmVersionComparer : PackageVersionComparer
{
    private RpmVersionComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static RpmVersionComparer Instance { get; } = new();

    /// <summary>Compares two versions or two releases.</summary>
    public static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.SequenceEqual(right))
        {
            return 0;
        }

        int i = 0;
        int j = 0;
        while (i < left.Length || j < right.Length)
        {
            SkipSeparators(left, ref i);
            SkipSeparators(right, ref j);
            char one = i < left.Length ? left[i] : '\0';
            char two = j < right.Length ? right[j] : '\0';
            if (one == '~' || two == '~')
            {
                if (one != two)
                {
                    return one == '~' ? -1 : 1;
                }

                i++;
                j++;
                continue;
            }

            // '^' is newer than the end, but older than anything that goes on.
            if (one == '^' || two == '^')
            {
                if (one != two)
                {
                    return one == '\0' ? -1 : two == '\0' ? 1 : one == '^' ? -1 : 1;
                }

                i++;
                j++;
                continue;
            }

            if (one == '\0' || two == '\0')
            {
                break;
            }

            int result = CompareSegments(left, ref i, right, ref j);
            if (result != 0)
            {
                return result;
            }
        }

        return (i < left.Length).CompareTo(j < right.Length);
    }

    /// <inheritdoc/>
    private protected override int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right) => ComparePart(left, right);

    private static int CompareSegments(ReadOnlySpan<char> left, ref int i, ReadOnlySpan<char> right, ref int j)
    {
        bool leftNumber = char.IsAsciiDigit(left[i]);
        if (leftNumber != char.IsAsciiDigit(right[j]))
        {
            // Numbers are newer than letters.
            return leftNumber ? 1 : -1;
        }

        return leftNumber ? CompareNumbers(left, ref i, right, ref j) : Math.Sign(Letters(left, ref i).SequenceCompareTo(Letters(right, ref j)));
    }

    private static ReadOnlySpan<char> Letters(ReadOnlySpan<char> text, ref int index)
    {
        int start = index;
        while (index < text.Length && char.IsAsciiLetter(text[index]))
        {
            index++;
        }

        return text[start..index];
    }

    private static void SkipSeparators(ReadOnlySpan<char> text, ref int index)
    {
        while (index < text.Length && !char.IsAsciiLetterOrDigit(text[index]) && text[index] is not ('~' or '^'))
        {
            index++;
        }
    }
}
