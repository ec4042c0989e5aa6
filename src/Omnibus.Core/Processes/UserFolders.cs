namespace Omnibus.Core.Processes;

/// <summary>Where this user's data, cache and state live (XDG Base Directory Specification).</summary>
public static class UserFolders
{
    /// <summary>Things that cannot be made again: keys, machines.</summary>
    public static string Data => Find("XDG_DATA_HOME", ".local/share");

    /// <summary>Things that can be made again at a cost.</summary>
    public static string Cache => Find("XDG_CACHE_HOME", ".cache");

    /// <summary>What runs, and logs.</summary>
    public static string State => Find("XDG_STATE_HOME", ".local/state");

    /// <summary>What the user configured.</summary>
    public static string Configuration => Find("XDG_CONFIG_HOME", ".config");

    private static string Find(string variable, string fallback)
    {
        // The specification: a relative path is to be ignored.
        string? set = Environment.GetEnvironmentVariable(variable);
        string root = !string.IsNullOrEmpty(set) && Path.IsPathRooted(set)
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), fallback);
        return Path.Combine(root, "omnibus");
    }
}
