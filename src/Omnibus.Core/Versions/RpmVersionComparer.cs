using Omnibus.Core.Packages;

namespace Omnibus.Core.Versions;

/// <summary>Orders versions as rpm 4.15 and later does (rpm-version(7); <c>rpmvercmp</c>).</summary>
/// <remarks>A missing epoch is 0; a missing release comes before every release.</remarks>
public sealed class RpmVersionComparer : IComparer<string>, IComparer<PackageVersion>
{
    private RpmVersionComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static RpmVersionComparer Instance { get; } = new();

    /// <summary>Compares two versions written <c>[epoch:]version[-release]</c>.</summary>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        (ReadOnlyMemory<char> leftEpoch, ReadOnlyMemory<char> leftVersion, ReadOnlyMemory<char> leftRelease) = Split(x);
        (ReadOnlyMemory<char> rightEpoch, ReadOnlyMemory<char> rightVersion, ReadOnlyMemory<char> rightRelease) = Split(y);
        int result = ComparePart(leftEpoch.Span, rightEpoch.Span);
        result = result != 0 ? result : ComparePart(leftVersion.Span, rightVersion.Span);
        return result != 0 ? result : ComparePart(leftRelease.Span, rightRelease.Span);
    }

    /// <inheritdoc/>
    public int Compare(PackageVersion? x, PackageVersion? y)
    {
        if (x is null || y is null)
        {
            return (x is not null).CompareTo(y is not null);
        }

        int result = x.Epoch.CompareTo(y.Epoch);
        result = result != 0 ? result : ComparePart(x.Upstream, y.Upstream);
        return result != 0 ? result : ComparePart(x.Release, y.Release);
    }

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

    private static int CompareSegments(ReadOnlySpan<char> left, ref int i, ReadOnlySpan<char> right, ref int j)
    {
        bool leftNumber = char.IsAsciiDigit(left[i]);
        if (leftNumber != char.IsAsciiDigit(right[j]))
        {
            // Numbers are newer than letters.
            return leftNumber ? 1 : -1;
        }

        return leftNumber ? DebVersionComparer.CompareNumbers(left, ref i, right, ref j) : Math.Sign(Letters(left, ref i).SequenceCompareTo(Letters(right, ref j)));
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

    private static (ReadOnlyMemory<char> Epoch, ReadOnlyMemory<char> Version, ReadOnlyMemory<char> Release) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int dash = text.LastIndexOf('-');
        dash = dash <= colon ? -1 : dash;
        ReadOnlyMemory<char> all = text.AsMemory();
        return (colon < 0 ? "0".AsMemory() : all[..colon], dash < 0 ? all[(colon + 1)..] : all[(colon + 1)..dash], dash < 0 ? default : all[(dash + 1)..]);
    }
}
