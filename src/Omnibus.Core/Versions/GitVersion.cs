using System.Globalization;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Versions;

/// <summary>The version of a git work tree: its nearest tag, then what came after it.</summary>
public static partial class GitVersion
{
    // Looking at a tree must not write to it.
    private static readonly Dictionary<string, string?> s_environment = new(StringComparer.Ordinal) { ["GIT_OPTIONAL_LOCKS"] = "0" };

    /// <summary>Describes a work tree as <c>TAG[+COUNT.gHASH][.dirty]</c>.</summary>
    /// <remarks>
    /// Only tags that are a version of the scheme count, so tags of other kinds do no harm. A dirty tree on a tag is <c>TAG+0.gHASH.dirty</c> in the scheme
    /// <see cref="VersionScheme.Pep440"/>, where <c>.dirty</c> can only follow a <c>+</c>.
    /// </remarks>
    /// <param name="directory">A folder of the work tree.</param>
    /// <param name="tagPrefix">What stands before the version in tags; null: nothing, or <c>v</c>.</param>
    /// <param name="scheme">Scheme that the tags follow.</param>
    /// <param name="progress">Takes the command line.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>VersionUnknown</c> (no work tree, no commit, or no tag that is a version), <c>ProgramNotFound</c> (no git).</exception>
    public static async Task<string> DescribeAsync(
        string directory,
        string? tagPrefix,
        VersionScheme scheme,
        IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        string[] prefixes = tagPrefix is null ? ["v", string.Empty] : [tagPrefix];
        string? problem = null;

        // The nearest tag of any kind first; where it is no version, git is told to leave it out and asked again.
        var refused = new List<string>();
        for (int attempt = 0; attempt < 100; attempt++)
        {
            // The folder may belong to another user than the one who builds.
            List<string> arguments = ["-c", "safe.directory=*", "-C", directory, "describe", "--tags", "--long", "--dirty", "--abbrev=7"];
            arguments.AddRange(prefixes.Select(p => $"--match={Escape(p)}[0-9]*"));
            arguments.AddRange(refused.Select(t => $"--exclude={Escape(t)}"));
            ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("git", arguments) { Environment = s_environment }, progress, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                problem = result.StandardError.Trim();
                break;
            }

            Match match = Description().Match(result.StandardOutput.TrimEnd('\n'));
            if (!match.Success)
            {
                problem = $"git describes it as '{result.StandardOutput.Trim()}'";
                break;
            }

            string tag = match.Groups["tag"].Value;
            string? version = prefixes.Where(p => tag.StartsWith(p, StringComparison.Ordinal)).Select(p => tag[p.Length..]).FirstOrDefault(t => IsVersion(t, scheme));
            if (version is not null)
            {
                return Compose(version, long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture), match.Groups["hash"].Value, match.Groups["dirty"].Success, scheme);
            }

            refused.Add(tag);
        }

        string tags = tagPrefix is null ? "a version, maybe after a 'v'" : $"'{tagPrefix}' and a version";
        throw new OmnibusException(
            "VersionUnknown",
            ErrorKind.NotFound,
            $"{directory}: git gives no version{(string.IsNullOrEmpty(problem) ? string.Empty : ": " + problem)}",
            directory,
            $"Tag a commit with {tags}, fetch the tags (a shallow clone has none), or give the version itself.");
    }

    private static string Compose(string version, long count, string hash, bool isDirty, VersionScheme scheme)
    {
        if (scheme == VersionScheme.FlockerDescribe)
        {
            return version + (count > 0 ? string.Create(CultureInfo.InvariantCulture, $"-{count}-{hash}") : string.Empty) + (isDirty ? "-dirty" : string.Empty);
        }

        bool needsPlus = isDirty && scheme == VersionScheme.Pep440;
        string commits = count > 0 || needsPlus
            ? string.Create(CultureInfo.InvariantCulture, $"{(version.Contains('+', StringComparison.Ordinal) ? '.' : '+')}{count}.{hash}")
            : string.Empty;
        return version + commits + (isDirty ? ".dirty" : string.Empty);
    }

    private static bool IsVersion(string text, VersionScheme scheme) => scheme switch
    {
        VersionScheme.Flocker => FlockerVersion.TryParse(text) is not null,
        VersionScheme.FlockerDescribe => FlockerVersion.TryParse(text, FlockerGrammar.GitDescribe) is not null,
        _ => Pep440Version.TryParse(text) is not null,
    };

    // What git's glob(7) patterns take for more than itself.
    private static string Escape(string text) => PatternSigns().Replace(text, "\\$0");

    [GeneratedRegex(@"\A(?<tag>.+)-(?<count>[0-9]{1,15})-(?<hash>g[0-9a-f]+)(?<dirty>-dirty)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Description();

    [GeneratedRegex(@"[\\*?\[\]]", RegexOptions.CultureInvariant)]
    private static partial Regex PatternSigns();
}
