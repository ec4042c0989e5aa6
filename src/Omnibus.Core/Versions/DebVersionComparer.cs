using Omnibus.Core.Packages;

namespace Omnibus.Core.Versions;

/// <summary>Orders versions as dpkg does (deb-version(7); <c>lib/dpkg/version.c</c>).</summary>
/// <remarks>
/// Any text is ordered, also one that dpkg would not take as a version. A missing epoch is 0; a missing revision equals <c>0</c>.
/// </remarks>
public sealed class DebVersionComparer : IComparer<string>, IComparer<PackageVersion>
{
    private DebVersionComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static DebVersionComparer Instance { get; } = new();

    /// <summary>Compares two versions written <c>[epoch:]upstream[-revision]</c>.</summary>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        (ReadOnlyMemory<char> leftEpoch, ReadOnlyMemory<char> leftUpstream, ReadOnlyMemory<char> leftRevision) = Split(x);
        (ReadOnlyMemory<char> rightEpoch, ReadOnlyMemory<char> rightUpstream, ReadOnlyMemory<char> rightRevision) = Split(y);
        int result = ComparePart(leftEpoch.Span, rightEpoch.Span);
        result = result != 0 ? result : ComparePart(leftUpstream.Span, rightUpstream.Span);
        return result != 0 ? result : ComparePart(leftRevision.Span, rightRevision.Span);
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

    /// <summary>Compares two runs of digits of any length as numbers; both positions end behind the runs.</summary>
    internal static int CompareNumbers(ReadOnlySpan<char> left, ref int i, ReadOnlySpan<char> right, ref int j)
    {
        ReadOnlySpan<char> one = Number(left, ref i);
        ReadOnlySpan<char> two = Number(right, ref j);
        return one.Length != two.Length ? one.Length.CompareTo(two.Length) : Math.Sign(one.SequenceCompareTo(two));
    }

    private static ReadOnlySpan<char> Number(ReadOnlySpan<char> text, ref int index)
    {
        int start = index;
        while (index < text.Length && char.IsAsciiDigit(text[index]))
        {
            index++;
        }

        return text[start..index].TrimStart('0');
    }

    private static int Order(ReadOnlySpan<char> text, int index)
    {
        if (index >= text.Length || char.IsAsciiDigit(text[index]))
        {
            return 0;
        }

        char sign = text[index];
        return sign == '~' ? -1 : char.IsAsciiLetter(sign) ? sign : sign + 256;
    }

    private static (ReadOnlyMemory<char> Epoch, ReadOnlyMemory<char> Upstream, ReadOnlyMemory<char> Revision) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int dash = text.LastIndexOf('-');
        dash = dash <= colon ? -1 : dash;
        ReadOnlyMemory<char> all = text.AsMemory();
        return (colon < 0 ? default : all[..colon], dash < 0 ? all[(colon + 1)..] : all[(colon + 1)..dash], dash < 0 ? default : all[(dash + 1)..]);
    }
}
