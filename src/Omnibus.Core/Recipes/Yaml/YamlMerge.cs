namespace Omnibus.Core.Recipes.Yaml;

/// <summary>Lays an override over a value.</summary>
/// <remarks>
/// Mappings are merged key by key. A list is added to the list it overrides, unless it is tagged <c>!replace</c>. Anything else takes the
/// place of what was there; a key without a value removes it.
/// </remarks>
internal static class YamlMerge
{
    /// <summary>The merged mapping. Neither input is changed.</summary>
    public static YamlMapping Merge(YamlMapping under, YamlMapping over)
    {
        var keys = new List<YamlKey>();
        foreach (YamlKey key in under.Keys)
        {
            if (over.Find(key.Name) is not { } replacement)
            {
                keys.Add(key);
            }
            else if (replacement.Value is not YamlScalar { IsNull: true })
            {
                keys.Add(replacement with { Value = Merge(key.Value, replacement.Value) });
            }
        }

        foreach (YamlKey key in over.Keys)
        {
            if (under.Find(key.Name) is null && key.Value is not YamlScalar { IsNull: true })
            {
                keys.Add(key);
            }
        }

        return new YamlMapping(over.Position, null, keys);
    }

    private static YamlValue Merge(YamlValue under, YamlValue over) => (under, over) switch
    {
        (YamlMapping a, YamlMapping b) => Merge(a, b),
        (YamlSequence a, YamlSequence b) when b.Tag != YamlReader.ReplaceTag => new YamlSequence(b.Position, null, [.. a.Items, .. b.Items]),
        _ => over,
    };
}
