namespace Omnibus.Core.Recipes.Yaml;

/// <summary>A value of a YAML file with its place. Immutable; an alias is the same object as what it stands for.</summary>
internal abstract class YamlValue(YamlPosition position, string? tag)
{
    /// <summary>Where it begins.</summary>
    public YamlPosition Position { get; } = position;

    /// <summary>Its local tag (<c>!replace</c>), or null.</summary>
    public string? Tag { get; } = tag;

    /// <summary>How many values it is when every alias is written out: bounds what an expansion can cost.</summary>
    public abstract long Weight { get; }

    /// <summary>What it is, for messages: <c>text</c>, <c>a list</c>, <c>a mapping</c>, <c>nothing</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar.</summary>
internal sealed class YamlScalar(YamlPosition position, string? tag, string text, bool isPlain) : YamlValue(position, tag)
{
    /// <summary>Its text.</summary>
    public string Text { get; } = text;

    /// <summary>Whether it is written without quotes, so that <c>true</c> or <c>~</c> have their meaning.</summary>
    public bool IsPlain { get; } = isPlain;

    /// <summary>Whether it is the absence of a value: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL" && IsPlain;

    /// <inheritdoc/>
    public override long Weight => 1;

    /// <inheritdoc/>
    public override string Kind => IsNull ? "nothing" : "text";
}

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlValue
{
    public YamlSequence(YamlPosition position, string? tag, IReadOnlyList<YamlValue> items)
        : base(position, tag)
    {
        Items = items;
        Weight = 1 + items.Sum(i => i.Weight);
    }

    /// <summary>Its items.</summary>
    public IReadOnlyList<YamlValue> Items { get; }

    /// <inheritdoc/>
    public override long Weight { get; }

    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>A key of a mapping.</summary>
/// <param name="Name">The key.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlKey(string Name, YamlPosition Position, YamlValue Value);

/// <summary>A mapping whose keys are texts, each once, in the order of the file.</summary>
internal sealed class YamlMapping : YamlValue
{
    private readonly Dictionary<string, YamlKey> _byName;

    public YamlMapping(YamlPosition position, string? tag, IReadOnlyList<YamlKey> keys)
        : base(position, tag)
    {
        Keys = keys;
        _byName = keys.ToDictionary(k => k.Name, StringComparer.Ordinal);
        Weight = 1 + keys.Sum(k => 1 + k.Value.Weight);
    }

    /// <summary>Its keys.</summary>
    public IReadOnlyList<YamlKey> Keys { get; }

    /// <inheritdoc/>
    public override long Weight { get; }

    /// <inheritdoc/>
    public override string Kind => "a mapping";

    /// <summary>A key by name, or null.</summary>
    public YamlKey? Find(string name) => _byName.GetValueOrDefault(name);
}
