using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Omnibus.Core.Versions;

/// <summary>
/// How one package format spells a PEP 440 version so that its package manager orders packages as Python orders versions.
/// </summary>
/// <remarks>
/// Common to all: release numbers are brought to three at least and lose further zeros at their end, because Python takes 1.4 and 1.4.0 for
/// equal and package managers do not; <c>~</c> sorts before the end of a version (deb-version(7), rpm-version(7)), so pre-releases become
/// <c>~a1</c>, <c>~b1</c>, <c>~rc1</c>, a development release of those or of a post-release <c>~dev1</c>, and one of the release itself <c>~~dev1</c>.
/// In a local version's segments of letters and digits, digits become <c>A</c> to <c>J</c>: Python compares such segments as text, package
/// managers would compare the numbers in them. A git hash (<c>g3d644b1</c>) is left readable, since hashes have no order.
/// </remarks>
public abstract partial class VersionSpelling
{
    /// <summary>Debian: <c>+post1</c> sorts before <c>.1</c>, and a local version <c>+5</c> or <c>+~name</c> before <c>+post</c>.</summary>
    public static VersionSpelling Deb { get; } = new DebSpelling();

    /// <summary>rpm 4.15 and later: <c>^post1</c> is newer than the release and older than its next number; <c>^local</c> is older than <c>^post</c>.</summary>
    public static VersionSpelling Rpm { get; } = new RpmSpelling('^');

    /// <summary>rpm before 4.15, which does not know <c>^</c>: <c>.post1</c> does the same, because letters are older than numbers.</summary>
    public static VersionSpelling RpmWithoutCaret { get; } = new RpmSpelling('.');

    /// <summary>The spelling of a version, without epoch and release.</summary>
    public string Spell(Pep440Version version)
    {
        var text = new StringBuilder();
        List<BigInteger> release = [.. version.SignificantRelease];
        while (release.Count < 3)
        {
            release.Add(BigInteger.Zero);
        }

        text.AppendJoin('.', release.Select(n => n.ToString(CultureInfo.InvariantCulture)));
        if (version.Pre is { } pre)
        {
            text.Append(CultureInfo.InvariantCulture, $"~{Pep440Version.Spell(pre.Kind)}{pre.Number}");
        }

        if (version.Post is { } post)
        {
            text.Append(CultureInfo.InvariantCulture, $"{PostSeparator}post{post}");
        }

        if (version.Dev is { } dev)
        {
            text.Append(version.Pre is null && version.Post is null ? "~~dev" : "~dev").Append(dev.ToString(CultureInfo.InvariantCulture));
        }

        if (version.Local.Count > 0)
        {
            AppendLocal(text, version.Local);
        }

        return text.ToString();
    }

    /// <summary>What stands before <c>post</c>.</summary>
    protected abstract char PostSeparator { get; }

    /// <summary>Adds a local version.</summary>
    protected abstract void AppendLocal(StringBuilder text, IReadOnlyList<string> segments);

    /// <summary>A segment of letters and digits whose text order a package manager keeps.</summary>
    private static string Word(string segment) =>
        IsHash(segment) ? segment : string.Concat(segment.Select(c => char.IsAsciiDigit(c) ? (char)('A' + (c - '0')) : c));

    private static bool IsHash(string segment) => GitHash().IsMatch(segment);

    [GeneratedRegex(@"\Ag[0-9a-f]{7,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex GitHash();

    private sealed class DebSpelling : VersionSpelling
    {
        protected override char PostSeparator => '+';

        // A number follows a '.', a word a '+', which sorts before it: Python puts words before numbers. A word that is not the last one ends in
        // 0, since only a digit sorts before every letter that might go on in its place.
        protected override void AppendLocal(StringBuilder text, IReadOnlyList<string> segments)
        {
            text.Append('+');
            for (int i = 0; i < segments.Count; i++)
            {
                bool number = Pep440Version.IsNumber(segments[i]);
                if (i == 0)
                {
                    text.Append(number ? string.Empty : "~");
                }
                else
                {
                    bool afterWord = !Pep440Version.IsNumber(segments[i - 1]) && !IsHash(segments[i - 1]);
                    text.Append(afterWord ? "0" : string.Empty).Append(number ? '.' : '+');
                }

                text.Append(number ? segments[i] : Word(segments[i]));
            }
        }
    }

    private sealed class RpmSpelling(char separator) : VersionSpelling
    {
        protected override char PostSeparator => separator;

        // rpm itself puts words before numbers, and compares a run of letters as text.
        protected override void AppendLocal(StringBuilder text, IReadOnlyList<string> segments)
        {
            text.Append(separator).Append("local");
            foreach (string segment in segments)
            {
                text.Append('.').Append(Pep440Version.IsNumber(segment) ? segment : Word(segment));
            }
        }
    }
}
