using System.Globalization;
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

    // The folder may belong to another user than the one who builds.
    private static ProgramCommand Git(string folder, params string[] arguments) =>
        new("git", ["-c", "safe.directory=*", "-C", folder, .. arguments]) { Environment = new Dictionary<string, string?> { ["GIT_OPTIONAL_LOCKS"] = "0" } };
}
