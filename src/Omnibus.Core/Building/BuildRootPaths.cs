namespace Omnibus.Core.Building;

/// <summary>
/// Fixed paths inside every build root. They are the same in every build, so that a path which a compiler keeps is the same too; and they are
/// unlike any real path, so that one which is left in a package is found.
/// </summary>
public static class BuildRootPaths
{
    /// <summary>The folder below which all of them lie. No byte of a package may name it.</summary>
    public const string Staging = "/.omnibus-build";

    /// <summary>The recipe's folder, read-only.</summary>
    public const string Source = Staging + "/source";

    /// <summary>The scratch folder of build steps.</summary>
    public const string Scratch = Staging + "/scratch";

    /// <summary>Where Python distributions are fetched, unpacked and built.</summary>
    public const string Python = Staging + "/python";

    /// <summary>HOME of every command.</summary>
    public const string Home = Staging + "/home";

    /// <summary>The variables that every command gets: the same on every machine.</summary>
    public static IReadOnlyDictionary<string, string> BaseEnvironment { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
        ["HOME"] = Home,
        ["TMPDIR"] = "/tmp",
        ["USER"] = "build",
        ["LOGNAME"] = "build",
        ["SHELL"] = "/bin/sh",
        ["LC_ALL"] = "C.UTF-8",
        ["LANG"] = "C.UTF-8",
        ["TZ"] = "UTC",
        ["PYTHONHASHSEED"] = "0",
    };
}
