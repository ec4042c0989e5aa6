namespace Omnibus.Core.Recipes.Schema;

/// <summary>Marks a property as a key of the file. The attribute and the property's type are the key's whole description: parsing, checking, the JSON schema and the key reference all come from them.</summary>
/// <param name="name">The key.</param>
/// <param name="description">What it is, one or two sentences.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RecipeKeyAttribute(string name, string description) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;

    /// <summary>What it is.</summary>
    public string Description { get; } = description;

    /// <summary>Whether it must be there.</summary>
    public bool Required { get; init; }

    /// <summary>Regular expression for the whole text (of each item of a list), in the dialect that JSON schema and .NET share.</summary>
    public string? Pattern { get; init; }

    /// <summary>What the pattern says, for messages: <c>a package name: …</c>.</summary>
    public string? Expected { get; init; }

    /// <summary>Whether <c>${…}</c> is filled in. Off for texts of several lines, where it belongs to the shell.</summary>
    public bool Variables { get; init; } = true;

    /// <summary>What holds when the key is missing, for the reference.</summary>
    public string? Default { get; init; }

    /// <summary>Smallest number.</summary>
    public int Minimum { get; init; }

    /// <summary>Largest number.</summary>
    public int Maximum { get; init; } = int.MaxValue;
}

/// <summary>Lets a section be written as a single text: the value of one of its keys.</summary>
/// <param name="key">That key.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShortFormAttribute(string key) : Attribute
{
    /// <summary>The key.</summary>
    public string Key { get; } = key;
}

/// <summary>Demands exactly one of some keys.</summary>
/// <param name="keys">The keys.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class ExactlyOneAttribute(params string[] keys) : Attribute
{
    /// <summary>The keys.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;
}

/// <summary>Says that keys make sense only together with one of some others.</summary>
/// <param name="key">The key.</param>
/// <param name="others">One of these must be there.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OnlyWithAttribute(string key, params string[] others) : Attribute
{
    /// <summary>The key.</summary>
    public string Key { get; } = key;

    /// <summary>One of these must be there.</summary>
    public IReadOnlyList<string> Others { get; } = others;
}

/// <summary>Names a section for the reference.</summary>
/// <param name="title">For example <c>A package</c>.</param>
/// <param name="path">Where it stands in the file, for example <c>packages[]</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SectionTitleAttribute(string title, string path) : Attribute
{
    /// <summary>Title.</summary>
    public string Title { get; } = title;

    /// <summary>Where it stands.</summary>
    public string Path { get; } = path;
}

/// <summary>The spelling of a choice where it is not the name with dashes.</summary>
/// <param name="name">As written in the file.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class ChoiceNameAttribute(string name) : Attribute
{
    /// <summary>As written in the file.</summary>
    public string Name { get; } = name;
}
