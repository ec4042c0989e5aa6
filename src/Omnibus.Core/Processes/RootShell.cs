namespace Omnibus.Core.Processes;

/// <summary>Runs a POSIX shell script as root: as the root that we are, or as root of a user namespace with the user's range of ids (user_namespaces(7), subuid(5)).</summary>
internal static class RootShell
{
    /// <summary>The command that runs a script.</summary>
    /// <param name="script">Text for sh; finds the arguments as <c>$1</c> and so on.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="ownMounts">Gives it mounts and processes of its own, which end with it (unshare(1)).</param>
    public static ProgramCommand Command(string script, IReadOnlyList<string> arguments, bool ownMounts = false)
    {
        string[] shell = ["sh", "-c", script, "sh", .. arguments];
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user", "--map-auto"];
        string[] mounts = ownMounts ? ["--mount", "--pid", "--fork", "--kill-child"] : [];
        return user.Length + mounts.Length == 0
            ? new ProgramCommand(shell[0], shell[1..])
            : new ProgramCommand("unshare", [.. user, .. mounts, "--", .. shell]);
    }
}
