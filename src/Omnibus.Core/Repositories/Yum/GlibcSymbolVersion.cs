using System.Text;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Orders requirements on libc: <c>libc.so.6()</c>, then <c>libc.so.6(GLIBC_2.3.4)</c>, then <c>libc.so.6(GLIBC_2.34)</c>.</summary>
internal static class GlibcSymbolVersion
{
    /// <summary>Whether the first asks for a higher version than the second.</summary>
    public static bool IsHigher(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        RpmVersionComparer.ComparePart(VersionIn(first), VersionIn(second)) > 0;

    // The digits and what follows them between the first pair of parentheses; empty when there are none.
    private static string VersionIn(ReadOnlySpan<byte> name)
    {
        int open = name.IndexOf((byte)'(');
        int close = open < 0 ? -1 : name[open..].IndexOf((byte)')');
        if (close < 0)
        {
            return string.Empty;
        }

        ReadOnlySpan<byte> inside = name.Slice(open + 1, close - 1);
        int digit = inside.IndexOfAnyInRange((byte)'0', (byte)'9');
        return digit < 0 ? string.Empty : Encoding.ASCII.GetString(inside[digit..]);
    }
}
