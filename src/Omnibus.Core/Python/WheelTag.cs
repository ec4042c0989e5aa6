using System.Globalization;

namespace Omnibus.Core.Python;

/// <summary>Compatibility tags of wheels (PEP 425, PEP 600): <c>cp311-cp311-manylinux_2_17_x86_64</c>.</summary>
internal static class WheelTag
{
    /// <summary>Whether CPython of a version on a machine can run a wheel with this tag. The C library is judged by the files themselves.</summary>
    /// <param name="tag">Interpreter, ABI and platform.</param>
    /// <param name="pythonVersion"><c>3.11</c>.</param>
    /// <param name="architecture"><c>x86_64</c>.</param>
    public static bool Runs(string tag, string pythonVersion, string architecture)
    {
        string[] parts = tag.Split('-');
        if (parts.Length != 3)
        {
            return false;
        }

        int minor = int.Parse(pythonVersion.AsSpan(pythonVersion.IndexOf('.', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        string exact = string.Create(CultureInfo.InvariantCulture, $"cp3{minor}");
        bool python = parts[0].Split('.').Any(p => p == exact || RunsPure(p, minor) || (parts[1] == "abi3" && RunsStable(p, minor)));
        bool abi = parts[1] is "none" or "abi3" || parts[1].Split('.').Any(a => a == exact || a == exact + "d" || (minor < 8 && a == exact + "m"));
        bool platform = parts[2].Split('.').Any(p => p == "any" || (p.Contains("linux", StringComparison.Ordinal) && !p.Contains("musl", StringComparison.Ordinal) && p.EndsWith("_" + architecture, StringComparison.Ordinal)));
        return python && abi && platform;
    }

    private static bool RunsPure(string tag, int minor) =>
        tag == "py3" || (tag.StartsWith("py3", StringComparison.Ordinal) && int.TryParse(tag.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int since) && since <= minor);

    private static bool RunsStable(string tag, int minor) =>
        tag.StartsWith("cp3", StringComparison.Ordinal) && int.TryParse(tag.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int since) && since <= minor;
}
