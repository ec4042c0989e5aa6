using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Versions;

/// <summary>Kind of a pre-release, in order.</summary>
public enum PreReleaseKind
{
    /// <summary><c>a</c>.</summary>
    Alpha,

    /// <summary><c>b</c>.</summary>
    Beta,

    /// <summary><c>rc</c>.</summary>
    Candidate,
}

/// <summary>A version of a Python project (PEP 440, "Version specifiers" of the packaging specifications): parsed, normalised, compared.</summary>
/// <remarks>Numbers have no upper bound, as in Python. Texts longer than <see cref="LengthLimit"/> are refused.</remarks>
public sealed partial class Pep440Version : IComparable<Pep440Version>, IEquatable<Pep440Version>
{
    /// <summary>Longest text that is read.</summary>
    public const int LengthLimit = 256;

    private Pep440Version(Match match)
    {
        Epoch = Number(match.Groups["epoch"]) ?? BigInteger.Zero;
        Release = [.. match.Groups["release"].Value.Split('.').Select(Number)];
        if (match.Groups["prekind"].Success)
        {
            Pre = (Kind(match.Groups["prekind"].Value), Number(match.Groups["pre"]) ?? BigInteger.Zero);
        }

        if (match.Groups["postword"].Success || match.Groups["postdash"].Success)
        {
            Post = Number(match.Groups["postdash"]) ?? Number(match.Groups["post"]) ?? BigInteger.Zero;
        }

        if (match.Groups["devword"].Success)
        {
            Dev = Number(match.Groups["dev"]) ?? BigInteger.Zero;
        }

        if (match.Groups["local"].Success)
        {
            Local = [.. match.Groups["local"].Value.ToLowerInvariant().Split('.', '-', '_').Select(LocalSegment)];
        }
    }

    /// <summary>Epoch, 0 when there is none.</summary>
    public BigInteger Epoch { get; }

    /// <summary>Release numbers, at least one.</summary>
    public IReadOnlyList<BigInteger> Release { get; }

    /// <summary>Pre-release, or null.</summary>
    public (PreReleaseKind Kind, BigInteger Number)? Pre { get; }

    /// <summary>Number of the post-release, or null.</summary>
    public BigInteger? Post { get; }

    /// <summary>Number of the development release, or null.</summary>
    public BigInteger? Dev { get; }

    /// <summary>Segments of the local version, normalised (numbers without leading zeros, lower-case); empty when there is none.</summary>
    public IReadOnlyList<string> Local { get; } = [];

    /// <summary>Whether Python takes it for a pre-release: a pre-release or development release.</summary>
    public bool IsPreRelease => Pre is not null || Dev is not null;

    /// <summary>Reads a version in any spelling that PEP 440 permits.</summary>
    /// <exception cref="OmnibusException"><c>VersionInvalid</c>.</exception>
    public static Pep440Version Parse(string text) => TryParse(text) ?? throw new OmnibusException(
        "VersionInvalid",
        ErrorKind.InvalidArgument,
        $"'{Shorten(text)}' is no version of a Python project (PEP 440).",
        text,
        "Write it like 1.4.0, 1.4.0rc1, 1.4.0.post1, 1.4.0.dev5 or 1.4.0+local.");

    /// <summary>Reads a version, or gives null when it is none.</summary>
    public static Pep440Version? TryParse(string text)
    {
        // ASCII only: ignoring case would let the Kelvin sign pass for a k.
        if (text.Length > LengthLimit || !System.Text.Ascii.IsValid(text))
        {
            return null;
        }

        Match match = Grammar().Match(text);
        return match.Success ? new Pep440Version(match) : null;
    }

    /// <summary>The release numbers without zeros at the end; what counts when versions are compared.</summary>
    public IReadOnlyList<BigInteger> SignificantRelease
    {
        get
        {
            int count = Release.Count;
            while (count > 1 && Release[count - 1].IsZero)
            {
                count--;
            }

            return [.. Release.Take(count)];
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Pep440Version? other)
    {
        if (other is null)
        {
            return 1;
        }

        int result = Epoch.CompareTo(other.Epoch);
        for (int i = 0; result == 0 && i < Math.Max(Release.Count, other.Release.Count); i++)
        {
            result = Component(Release, i).CompareTo(Component(other.Release, i));
        }

        if (result == 0)
        {
            result = PreRank.CompareTo(other.PreRank);
        }

        if (result == 0 && Pre is { } pre && other.Pre is { } otherPre)
        {
            result = pre.Number.CompareTo(otherPre.Number);
        }

        if (result == 0)
        {
            // No post-release comes before every post-release; no development release after every one.
            result = (Post ?? BigInteger.MinusOne).CompareTo(other.Post ?? BigInteger.MinusOne);
        }

        if (result == 0)
        {
            result = (Dev is null).CompareTo(other.Dev is null);
        }

        if (result == 0 && Dev is { } dev && other.Dev is { } otherDev)
        {
            result = dev.CompareTo(otherDev);
        }

        return result != 0 ? result : CompareLocal(Local, other.Local);
    }

    /// <inheritdoc/>
    public bool Equals(Pep440Version? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Pep440Version);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Epoch);
        foreach (BigInteger number in SignificantRelease)
        {
            hash.Add(number);
        }

        hash.Add(Pre);
        hash.Add(Post);
        hash.Add(Dev);
        foreach (string segment in Local)
        {
            hash.Add(segment, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>The normalised spelling: <c>1!2.0rc1.post2.dev3+local.4</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (!Epoch.IsZero)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Epoch}!");
        }

        text.AppendJoin('.', Release.Select(n => n.ToString(CultureInfo.InvariantCulture)));
        if (Pre is { } pre)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Spell(pre.Kind)}{pre.Number}");
        }

        if (Post is { } post)
        {
            text.Append(CultureInfo.InvariantCulture, $".post{post}");
        }

        if (Dev is { } dev)
        {
            text.Append(CultureInfo.InvariantCulture, $".dev{dev}");
        }

        if (Local.Count > 0)
        {
            text.Append('+').AppendJoin('.', Local);
        }

        return text.ToString();
    }

    /// <summary>The normalised letters of a pre-release.</summary>
    internal static string Spell(PreReleaseKind kind) => kind switch
    {
        PreReleaseKind.Alpha => "a",
        PreReleaseKind.Beta => "b",
        _ => "rc",
    };

    /// <summary>Whether a segment of a local version is a number.</summary>
    internal static bool IsNumber(string segment) => segment.All(char.IsAsciiDigit);

    // A development release of the release itself comes before its first alpha: packaging's own trick.
    private int PreRank => Pre is { } pre ? (int)pre.Kind : Post is null && Dev is not null ? -1 : int.MaxValue;

    private static int CompareLocal(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            bool leftNumber = IsNumber(left[i]);
            bool rightNumber = IsNumber(right[i]);
            int result = leftNumber != rightNumber
                ? leftNumber.CompareTo(rightNumber)
                : leftNumber ? Number(left[i]).CompareTo(Number(right[i])) : string.CompareOrdinal(left[i], right[i]);
            if (result != 0)
            {
                return result;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static BigInteger Component(IReadOnlyList<BigInteger> release, int index) => index < release.Count ? release[index] : BigInteger.Zero;

    private static PreReleaseKind Kind(string word) => char.ToLowerInvariant(word[0]) switch
    {
        'a' => PreReleaseKind.Alpha,
        'b' => PreReleaseKind.Beta,
        _ => PreReleaseKind.Candidate,
    };

    private static string LocalSegment(string segment) => IsNumber(segment) ? Number(segment).ToString(CultureInfo.InvariantCulture) : segment;

    private static BigInteger? Number(Group group) => group.Success ? Number(group.Value) : null;

    private static BigInteger Number(string digits) => BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");

    // The grammar of the specification's appendix, with white space around it permitted and the text's very end demanded (\z, not $).
    [GeneratedRegex(
        @"\A[ \t\r\n\f\v]*v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)" +
        @"(?:[-_.]?(?<prekind>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<pre>[0-9]+)?)?" +
        @"(?:-(?<postdash>[0-9]+)|[-_.]?(?<postword>post|rev|r)[-_.]?(?<post>[0-9]+)?)?" +
        @"(?:[-_.]?(?<devword>dev)[-_.]?(?<dev>[0-9]+)?)?" +
        @"(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?[ \t\r\n\f\v]*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
