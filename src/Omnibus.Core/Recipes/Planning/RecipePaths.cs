using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Paths that a recipe names: of the build machine, inside the recipe's folder, and of the target.</summary>
/// <param name="directory">The recipe's folder, absolute.</param>
/// <param name="problems">Takes mistakes.</param>
internal sealed class RecipePaths(string directory, YamlProblems problems)
{
    private const int LinkLimit = 40;
    private const string BuildVariable = "${build}";
    private readonly string _realDirectory = Resolve(directory);

    /// <summary>What a path must be.</summary>
    internal enum Expectation
    {
        /// <summary>A file that exists.</summary>
        File,

        /// <summary>A folder that exists.</summary>
        Folder,
    }

    /// <summary>A path that the build reads.</summary>
    /// <returns>The path, or null when it is wrong (the problems say how).</returns>
    public PlanPath? Source(string text, SchemaSection section, string key, Expectation expected)
    {
        if (text.StartsWith(BuildVariable, StringComparison.Ordinal))
        {
            return BuildPath(text, section, key);
        }

        return Local(text, section, key, expected) is { } path ? new PlanPath(PlanPathBase.Source, path) : null;
    }

    /// <summary>Absolute path of a file or folder of the recipe.</summary>
    /// <returns>The path, or null when it is wrong (the problems say how).</returns>
    public string? Local(string text, SchemaSection section, string key, Expectation expected)
    {
        string path = Path.GetFullPath(text, directory);
        if (!Path.IsPathRooted(text) && !IsInside(path))
        {
            problems.Add(
                "RecipePathOutside",
                section.At(key),
                section.PathOf(key),
                $"'{text}' in {section.PathOf(key)} leaves the recipe's folder",
                "Move it below the recipe, or name it by its absolute path when it is meant to come from elsewhere.");
            return null;
        }

        bool isFile = File.Exists(path);
        bool isFolder = Directory.Exists(path);
        if (expected == Expectation.File ? isFile : isFolder)
        {
            return path;
        }

        string wanted = expected == Expectation.File ? "file" : "folder";
        problems.Add(
            "RecipeFileNotFound",
            section.At(key),
            section.PathOf(key),
            isFile || isFolder ? $"'{text}' in {section.PathOf(key)} is no {wanted}" : $"'{text}' in {section.PathOf(key)}: there is no such {wanted}",
            kind: Diagnostics.ErrorKind.NotFound);
        return null;
    }

    /// <summary>A path of the target, normalised.</summary>
    /// <returns>The path, or null when it is wrong (the problems say how).</returns>
    public string? Target(string text, SchemaSection section, string key)
    {
        string[] parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!text.StartsWith('/') || parts.Length == 0 || parts.Any(p => p is "." or "..") || text.Any(char.IsControl))
        {
            problems.Add(
                "RecipePathInvalid",
                section.At(key),
                section.PathOf(key),
                $"'{text}' in {section.PathOf(key)} is no path of the target; expected an absolute one without '.', '..' and control characters");
            return null;
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>The path with all symbolic links resolved, as far as it exists.</summary>
    internal static string Resolve(string path)
    {
        string resolved = "/";
        var parts = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        for (int links = 0; parts.Count > 0;)
        {
            string part = parts.Pop();
            if (part == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? "/";
                continue;
            }

            string next = Path.Join(resolved, part);
            string? target = part == "." ? null : new FileInfo(next).LinkTarget;
            if (target is null || ++links > LinkLimit)
            {
                resolved = part == "." ? resolved : next;
                continue;
            }

            foreach (string piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                parts.Push(piece);
            }

            resolved = Path.IsPathRooted(target) ? "/" : resolved;
        }

        return resolved;
    }

    private bool IsInside(string path)
    {
        string real = Resolve(path);
        return real == _realDirectory || real.StartsWith(_realDirectory.TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    private PlanPath? BuildPath(string text, SchemaSection section, string key)
    {
        string rest = text[BuildVariable.Length..];
        string[] parts = rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if ((rest.Length > 0 && rest[0] != '/') || parts.Any(p => p is "." or ".."))
        {
            problems.Add("RecipePathOutside", section.At(key), section.PathOf(key), $"'{text}' in {section.PathOf(key)} is no path below the scratch folder; expected ${{build}}/…");
            return null;
        }

        return new PlanPath(PlanPathBase.Build, string.Join('/', parts));
    }
}
