using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>A mapping of the file as an object. It remembers where its keys stand, so that later checks can name the place.</summary>
public abstract class SchemaSection
{
    /// <summary>Where the section begins.</summary>
    internal YamlPosition Place { get; set; }

    /// <summary>Its path in the file: <c>packages[1]</c>; empty for the whole file.</summary>
    internal string KeyPath { get; set; } = string.Empty;

    /// <summary>Places of its keys' values.</summary>
    internal Dictionary<string, YamlPosition> Positions { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a key stands in the file.</summary>
    internal bool Has(string key) => Positions.ContainsKey(key);

    /// <summary>Where a key's value stands, or the section when the key is missing. An item of a list is <c>files[2]</c>.</summary>
    internal YamlPosition At(string key) => Positions.TryGetValue(key, out YamlPosition position) ? position : Place;

    /// <summary>Path of a key: <c>packages[1].depends[0]</c>.</summary>
    internal string PathOf(string key) => KeyPath.Length == 0 ? key : $"{KeyPath}.{key}";
}
