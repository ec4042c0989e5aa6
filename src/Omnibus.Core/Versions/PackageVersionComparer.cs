using Omnibus.Core.Packages;

namespace Omnibus.Core.Versions;

/// <summary>Orders versions of packages: the epoch as a number, then the version, then the revision or release. The formats differ in how those two are compared.</summary>
/// <remarks>Any text is ordered, also one that a format would not take as a version. A missing epoch is 0.</remarks>
public abstract class PackageVersionComparer : IComparer<string>, IComparer<PackageVersion>
{
    private protected PackageVersionComparer()
    {
    }

    /// <summary>Compares two versions written <c>[epoch:]version[-release]</c>.</summary>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        Split(x, out ReadOnlySpan<char> leftEpoch, out ReadOnlySpan<char> leftVersion, out ReadOnlySpan<char> leftRelease);
        Split(y, out ReadOnlySpan<char> rightEpoch, out ReadOnlySpan<char> rightVersion, out ReadOnlySpan<char> rightRelease);
        int result = CompareParts(leftEpoch, rightEpoch);
        result = result != 0 ? result : CompareParts(leftVersion, rightVersion);
        return result != 0 ? result : CompareParts(leftRelease, rightRelease);
    }

    /// <inheritdoc/>
    public int Compare(PackageVersion? x, PackageVersion? y)
    {
        if (x is null || y is null)
        {
            return (x is not null).CompareTo(y is not null);
        }

        int result = x.Epoch.CompareTo(y.Epoch);
        result = result != 0 ? result : CompareParts(x.Upstream, y.Upstream);
        return result != 0 ? result : CompareParts(x.Release, y.Release);
    }

    /// <summary>Compares two runs of digits of any length as numbers; both positions end behind the runs.</summary>
    private protected static int CompareNumbers(ReadOnlySpan<char> left, ref int i, ReadOnlySpan<char> right, ref int j)
    {
        ReadOnlySpan<char> one = Number(left, ref i);
        ReadOnlySpan<char> two = Number(right, ref j);
        return one.Length != two.Length ? one.Length.CompareTo(two.Length) : Math.Sign(one.SequenceCompareTo(two));
    }

    /// <summary>Compares two versions or two releases by the rules of the format.</summary>
    private protected abstract int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right);

    private static ReadOnlySpan<char> Number(ReadOnlySpan<char> text, ref int index)
    {
        int start = index;
        while (index < text.Length && char.IsAsciiDigit(text[index]))
        {
            index++;
        }

        return text[start..index].TrimStart('0');
    }

    private static void Split(ReadOnlySpan<char> text, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> version, out ReadOnlySpan<char> release)
    {
        int colon = text.IndexOf(':');
        int dash = text.LastIndexOf('-');
        dash = dash <= colon ? -1 : dash;
        epoch = colon < 0 ? "0" : text[..colon];
        version = dash < 0 ? text[(colon + 1)..] : text[(colon + 1)..dash];
        release = dash < 0 ? default : text[(dash + 1)..];
    }
}
