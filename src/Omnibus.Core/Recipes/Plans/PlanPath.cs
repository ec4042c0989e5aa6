namespace Omnibus.Core.Recipes.Plans;

/// <summary>Where a path of a plan begins.</summary>
public enum PlanPathBase
{
    /// <summary>An absolute path on the build machine (inside the recipe's folder, unless the recipe declared it absolute).</summary>
    Source,

    /// <summary>Relative to the build's scratch folder, which exists only while the build runs: written <c>${build}/…</c> in a recipe.</summary>
    Build,
}

/// <summary>A file or folder that a build reads.</summary>
/// <param name="Base">Where it begins.</param>
/// <param name="Path">Absolute for <see cref="PlanPathBase.Source"/>; relative, without <c>..</c> parts and maybe empty, for <see cref="PlanPathBase.Build"/>.</param>
public sealed record PlanPath(PlanPathBase Base, string Path)
{
    /// <summary>The absolute path, once the scratch folder is known.</summary>
    public string Resolve(string buildDirectory) => Base == PlanPathBase.Source ? Path : System.IO.Path.Join(buildDirectory, Path);

    /// <inheritdoc/>
    public override string ToString() => Base == PlanPathBase.Source ? Path : "${build}/" + Path;
}
