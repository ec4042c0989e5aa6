using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Building;

/// <summary>What git knows of a source folder.</summary>
internal static class GitSource
{
    /// <summary>Time of the newest commit that touches a folder, or null where there is no git, no repository or no commit.</summary>
    public static async Task<DateTimeOffset?> NewestCommitAsync(string folder, CancellationToken cancellationToken)
    {
        if (ProgramRunner.Find("git") is null)
        {
            return null;
        }

        ProgramResult result = await ProgramRunner.TryRunAsync(Git(folder, "log", "-1", "--format=%ct", "--", "."), null, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && long.TryParse(result.StandardOutput.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    /// <summary>Version from the nearest tag: <c>1.4.0</c> on the tag, <c>1.4.0+7.gab12cd3</c> after it, <c>.dirty</c> at the end when files are changed.</summary>
    /// <param name="folder">A folder of the repository.</param>
    /// <param name="tagPrefix">What stands before the version in tags; null: nothing, or <c>v</c>.</param>
    /// <param name="cancellationToken">Ends git.</param>
    /// <exception cref="OmnibusException"><c>VersionUnknown</c>.</exception>
    public static async Task<string> VersionAsync(string folder, string? tagPrefix, CancellationToken cancellationToken)
    {
        string[] patterns = tagPrefix is null ? ["--match", "[0-9]*", "--match", "v[0-9]*"] : ["--match", tagPrefix + "[0-9]*"];
        ProgramResult result = await ProgramRunner.TryRunAsync(
            Git(folder, ["describe", "--tags", "--long", "--dirty", "--abbrev=7", .. patterns]), null, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new OmnibusException(
                "VersionUnknown",
                ErrorKind.NotFound,
                $"{folder}: git knows no version: {result.StandardError.Trim()}",
                folder,
                $"Tag a commit ({tagPrefix}1.0.0), fetch the tags of a shallow clone, or give the version by hand.");
        }

        return FromDescription(result.StandardOutput.Trim(), tagPrefix);
    }

    /// <summary>Reads <c>TAG-COUNT-gHASH[-dirty]</c> (git-describe(1)).</summary>
    internal static string FromDescription(string description, string? tagPrefix)
    {
        tagPrefix ??= description.StartsWith('v') ? "v" : string.Empty;
        bool dirty = description.EndsWith("-dirty", StringComparison.Ordinal);
        string[] parts = (dirty ? description[..^6] : description).Split('-');
        string tag = string.Join('-', parts[..^2])[tagPrefix.Length..];
        string suffix = (parts[^2] == "0" ? string.Empty : $".{parts[^2]}.{parts[^1]}") + (dirty ? ".dirty" : string.Empty);
        bool local = tag.Contains('+', StringComparison.Ordinal);
        return suffix.Length == 0 ? tag : tag + (local ? "." : "+") + suffix[1..];
    }

    // The folder may belong to another user than the one who builds.
    private static ProgramCommand Git(string folder, params string[] arguments) =>
        new("git", ["-c", "safe.directory=*", "-C", folder, .. arguments]) { Environment = new Dictionary<string, string?> { ["GIT_OPTIONAL_LOCKS"] = "0" } };
}
