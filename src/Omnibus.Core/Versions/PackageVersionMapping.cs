using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Versions;

/// <summary>Turns the version of a project into the version of a package.</summary>
public static class PackageVersionMapping
{
    private const int EpochLimit = int.MaxValue;

    /// <summary>Maps a version.</summary>
    /// <param name="version">The project's version, for example <c>1.4.0rc1</c>.</param>
    /// <param name="scheme">How.</param>
    /// <param name="spelling">The target's spelling.</param>
    /// <param name="release">Release or Debian revision; null: <c>1</c>. The Flocker scheme makes its own; then this must be null.</param>
    /// <param name="distTag">Tag at the release's end (<c>.el9</c>), or null.</param>
    /// <exception cref="OmnibusException"><c>VersionInvalid</c>: the scheme cannot read it, or an epoch does not fit a package; <c>ReleaseNotAllowed</c>: a release beside the Flocker scheme.</exception>
    public static PackageVersion Map(string version, VersionScheme scheme, VersionSpelling spelling, string? release = null, string? distTag = null)
    {
        PackageVersion mapped = scheme switch
        {
            VersionScheme.Flocker => MapFlocker(version, FlockerGrammar.Current, release),
            VersionScheme.FlockerDescribe => MapFlocker(version, FlockerGrammar.GitDescribe, release),
            _ => MapPep440(version, spelling, release),
        };
        return distTag is null ? mapped : mapped with { Release = mapped.Release + distTag };
    }

    private static PackageVersion MapPep440(string version, VersionSpelling spelling, string? release)
    {
        var parsed = Pep440Version.Parse(version);
        if (parsed.Epoch > EpochLimit)
        {
            throw new OmnibusException("VersionInvalid", ErrorKind.InvalidArgument, $"'{version}': packages know no epoch above {EpochLimit}.", version);
        }

        return new PackageVersion(spelling.Spell(parsed), release ?? "1", (int)parsed.Epoch);
    }

    private static PackageVersion MapFlocker(string version, FlockerGrammar grammar, string? release)
    {
        if (release is not null)
        {
            throw new OmnibusException(
                "ReleaseNotAllowed",
                ErrorKind.InvalidArgument,
                $"'{version}': the scheme 'flocker' makes the release itself, but the release '{release}' was given.",
                version,
                "Leave the release out, or use the scheme 'pep440'.");
        }

        return FlockerVersion.Parse(version, grammar).PackageVersion;
    }
}
