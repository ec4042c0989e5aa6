using System.Text.RegularExpressions;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Building;

/// <summary>The version of the Python project beside a folder with DEBIAN: <c>setup.py</c> or <c>pyproject.toml</c> in the folder above.</summary>
internal static partial class NeighbourVersion
{
    // BuildKit counted changes of the packaging alone from 01.
    private const string Packaging = "01";
    private const int SizeLimit = 1024 * 1024;

    /// <summary>The version as a deb has it: the project's own, then <c>+01</c> for the packaging, then the codename: <c>1.5~dev1+01+bookworm</c>.</summary>
    /// <returns>Null when there is no project, or its version is no literal.</returns>
    /// <exception cref="Diagnostics.OmnibusException"><c>VersionInvalid</c>.</exception>
    public static string? Find(string folder, string? codename)
    {
        string parent = Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd('/')) ?? "/";
        string? version = Literal(Path.Combine(parent, "setup.py"), SetupVersion()) ?? Literal(Path.Combine(parent, "pyproject.toml"), ProjectVersion());
        return version is null
            ? null
            : $"{PackageVersionMapping.Map(version, VersionScheme.Pep440, VersionSpelling.Deb).Upstream}+{Packaging}{(codename is null ? string.Empty : "+" + codename)}";
    }

    // The file is read, not run.
    private static string? Literal(string path, Regex pattern) =>
        File.Exists(path) && new FileInfo(path).Length <= SizeLimit && pattern.Match(File.ReadAllText(path)) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("""^\s*(?:version|__version__|VERSION)\s*=\s*['"]([^'"\s]+)['"]""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex SetupVersion();

    [GeneratedRegex("""^version\s*=\s*['"]([^'"\s]+)['"]""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ProjectVersion();
}
