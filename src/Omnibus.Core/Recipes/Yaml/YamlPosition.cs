namespace Omnibus.Core.Recipes.Yaml;

/// <summary>A place in a file.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Line">One-based line.</param>
/// <param name="Column">One-based column.</param>
public readonly record struct YamlPosition(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
