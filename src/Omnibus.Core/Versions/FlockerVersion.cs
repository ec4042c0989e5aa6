using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Versions;

/// <summary>Which spellings of the Flocker scheme are read.</summary>
public enum FlockerGrammar
{
    /// <summary><c>X.Y.Z[rcN][.devN][.postN][+COUNT.gHASH][.dirty]</c>, and the legacy spellings <c>preN</c>, <c>devN</c>, <c>+docN</c>.</summary>
    Current,

    /// <summary>Up to 0.4.0: <c>X.Y.Z[preN][devN][-COUNT-gHASH][-dirty]</c>; the label <c>pre</c> stays in the release.</summary>
    GitDescribe,
}

/// <summary>A version in the scheme of Flocker's release tooling: three numbers, then what makes it less or more than a release.</summary>
/// <remarks>
/// The package's version is always <c>X.Y.Z</c>; its release is <c>0.rc.N</c>, <c>0.dev.N</c> or <c>1</c>, then <c>.COUNT.gHASH</c> for commits since the tag,
/// then <c>.dirty</c>. The documentation revision never reaches the package. The grammar is strict: it ends where the text ends (no line
/// feed after it), dots are dots, a hash is lower-case hex. Where a pre-release and a weekly release meet, both are in the version, and
/// the weekly label decides the release, as it decides the installable version.
/// </remarks>
public sealed partial class FlockerVersion
{
    private FlockerVersion(Match match, string preLabel)
    {
        Release = match.Groups["release"].Value;
        PreReleaseLabel = preLabel;
        PreRelease = Value(match, "pre");
        Weekly = Value(match, "dev");
        Documentation = Value(match, "post");
        CommitCount = Value(match, "count");
        CommitHash = Value(match, "hash");
        IsDirty = match.Groups["dirty"].Success;
    }

    /// <summary><c>X.Y.Z</c>.</summary>
    public string Release { get; }

    /// <summary>Number of the pre-release, or null.</summary>
    public string? PreRelease { get; }

    /// <summary>Number of the weekly release, or null.</summary>
    public string? Weekly { get; }

    /// <summary>Number of the documentation revision, or null.</summary>
    public string? Documentation { get; }

    /// <summary>Commits since the tag, or null.</summary>
    public string? CommitCount { get; }

    /// <summary>Hash of the commit with its leading <c>g</c>, or null.</summary>
    public string? CommitHash { get; }

    /// <summary>Whether the tree had changes that were not committed.</summary>
    public bool IsDirty { get; }

    /// <summary>A release: nothing but numbers and maybe a documentation revision.</summary>
    public bool IsRelease => CommitCount is null && PreRelease is null && Weekly is null && !IsDirty;

    /// <summary>A weekly release and nothing else.</summary>
    public bool IsWeekly => Weekly is not null && PreRelease is null && CommitCount is null && !IsDirty;

    /// <summary>A pre-release and nothing else.</summary>
    public bool IsPreRelease => PreRelease is not null && Weekly is null && CommitCount is null && !IsDirty;

    /// <summary>What an installer is asked for: <c>X.Y.Z.devN</c>, <c>X.Y.ZrcN</c> or <c>X.Y.Z</c>.</summary>
    public string InstallableVersion => Weekly is not null ? $"{Release}.dev{Weekly}" : PreRelease is not null ? $"{Release}rc{PreRelease}" : Release;

    /// <summary>Suffix of the channel: none for a release, <c>-testing</c> for everything else.</summary>
    public string ChannelSuffix => IsRelease ? string.Empty : "-testing";

    /// <summary>Version and release of the package, the same for deb and rpm.</summary>
    public PackageVersion PackageVersion
    {
        get
        {
            string release = Weekly is not null ? $"0.dev.{Weekly}" : PreRelease is not null ? $"0.{PreReleaseLabel}.{PreRelease}" : "1";
            if (CommitCount is not null)
            {
                release += $".{CommitCount}.{CommitHash}";
            }

            return new PackageVersion(Release, IsDirty ? release + ".dirty" : release);
        }
    }

    private string PreReleaseLabel { get; }

    /// <summary>Reads a version.</summary>
    /// <exception cref="OmnibusException"><c>VersionInvalid</c>.</exception>
    public static FlockerVersion Parse(string text, FlockerGrammar grammar = FlockerGrammar.Current) => TryParse(text, grammar) ?? throw new OmnibusException(
        "VersionInvalid",
        ErrorKind.InvalidArgument,
        $"'{(text.Length <= 80 ? text : text[..80] + "…")}' is no version of the scheme 'flocker'.",
        text,
        "Write it like 0.3.2, 0.3.2rc1, 0.3.2.dev1, 0.3.2.post1 or 0.3.2+1.gf661a6a.dirty.");

    /// <summary>Reads a version, or gives null when it is none.</summary>
    public static FlockerVersion? TryParse(string text, FlockerGrammar grammar = FlockerGrammar.Current)
    {
        if (text.Length > Pep440Version.LengthLimit)
        {
            return null;
        }

        Match match = (grammar == FlockerGrammar.GitDescribe ? GitDescribe() : Current()).Match(text);
        return match.Success ? new FlockerVersion(match, grammar == FlockerGrammar.GitDescribe ? "pre" : "rc") : null;
    }

    private static string? Value(Match match, string group) => match.Groups[group] is { Success: true } found ? found.Value : null;

    // After "+docN" the "+" is spent, and commits follow a dot; otherwise they follow a "+".
    [GeneratedRegex(
        @"\A(?<release>(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2})(?:(?:rc|pre)(?<pre>[0-9]+))?(?:\.?dev(?<dev>[0-9]+))?" +
        @"(?:(?:\.post(?<post>[0-9]+))?(?:\+(?<count>[0-9]+)\.(?<hash>g[0-9a-f]+))?|\+doc(?<post>[0-9]+)(?:\.(?<count>[0-9]+)\.(?<hash>g[0-9a-f]+))?)" +
        @"(?<dirty>\.dirty)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Current();

    [GeneratedRegex(
        @"\A(?<release>(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2})(?:pre(?<pre>[0-9]+))?(?:dev(?<dev>[0-9]+))?" +
        @"(?:-(?<count>[0-9]+)-(?<hash>g[0-9a-f]+))?(?<dirty>-dirty)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex GitDescribe();
}
