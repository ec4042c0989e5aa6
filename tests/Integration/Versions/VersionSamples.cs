using System.Globalization;
using System.Text;

namespace Omnibus.Tests.Integration.Versions;

/// <summary>Versions made at random from a seed, close to each other, so that pairs differ in a single place or not at all.</summary>
internal sealed class VersionSamples(int seed)
{
    private static readonly string[] s_localParts = ["0", "1", "2", "10", "a", "ab", "abc", "abd", "b", "a1", "a2", "a10", "1a", "9z", "ubuntu1", "dirty", "local", "post", "zz", "g3d644b1"];
    private readonly Random _random = new(seed);

    /// <summary>A PEP 440 version.</summary>
    public string Pep440()
    {
        var text = new StringBuilder();
        if (Chance(12))
        {
            text.Append(CultureInfo.InvariantCulture, $"{_random.Next(3)}!");
        }

        text.Append(CultureInfo.InvariantCulture, $"{_random.Next(1, 3)}");
        for (int i = _random.Next(5); i > 0; i--)
        {
            text.Append(CultureInfo.InvariantCulture, $".{Number()}");
        }

        if (Chance(2))
        {
            text.Append(Pick("a", "b", "rc")).Append(Number());
        }

        if (Chance(3))
        {
            text.Append(".post").Append(Number());
        }

        if (Chance(3))
        {
            text.Append(".dev").Append(Number());
        }

        if (Chance(3))
        {
            text.Append('+').AppendJoin('.', Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Pick(s_localParts)));
        }

        return text.ToString();
    }

    /// <summary>A pair of which the second is often the first with a change.</summary>
    public (string Left, string Right) Pair()
    {
        string left = Pep440();
        string right = _random.Next(4) switch
        {
            0 => Pep440(),
            1 => Cut(left),
            2 => Tail(Cut(left)),
            _ => Tail(left),
        };
        return _random.Next(2) == 0 ? (left, right) : (right, left);
    }

    /// <summary>Something of the signs that package versions are made of.</summary>
    public string Signs(string alphabet) => new([.. "1".Concat(Enumerable.Range(0, _random.Next(8)).Select(_ => alphabet[_random.Next(alphabet.Length)]))]);

    // Zeros are common on purpose: they are where orders differ.
    private int Number() => _random.Next(3) == 0 ? 0 : _random.Next(3) == 0 ? _random.Next(9, 12) : _random.Next(4);

    private string Cut(string version)
    {
        string[] marks = ["+", ".dev", ".post", "rc", "b", "a"];
        string mark = marks[_random.Next(marks.Length)];

        // Not inside a local version: what is left of a git hash is no hash, and those two are not ordered.
        int end = version.Contains('+', StringComparison.Ordinal) ? version.IndexOf('+', StringComparison.Ordinal) : version.Length;
        int at = mark == "+" ? end : version.IndexOf(mark, 0, end, StringComparison.Ordinal);
        if (at == version.Length)
        {
            return version;
        }

        return at > 0 && char.IsAsciiDigit(version[at - 1]) ? version[..at] : version;
    }

    private string Tail(string version)
    {
        if (version.Contains('+', StringComparison.Ordinal))
        {
            return version + "." + Pick(s_localParts);
        }

        bool hasDev = version.Contains(".dev", StringComparison.Ordinal);
        bool hasPost = hasDev || version.Contains(".post", StringComparison.Ordinal);
        bool hasPre = hasPost || version.AsSpan().ContainsAny("abr");
        return version + _random.Next(5) switch
        {
            0 when !hasPre => Pick(".0", ".1", ".0.0"),
            1 when !hasPre => Pick("a1", "b0", "rc1"),
            2 when !hasPost => Pick(".post0", ".post1", ".post1.dev0"),
            3 when !hasDev => Pick(".dev0", ".dev1"),
            _ => "+" + Pick(s_localParts),
        };
    }

    private bool Chance(int of) => _random.Next(of) == 0;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
