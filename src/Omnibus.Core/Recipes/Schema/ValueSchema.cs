using System.Text.RegularExpressions;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>What a value may be.</summary>
internal abstract record ValueSchema
{
    /// <summary>What is expected, for messages: <c>text</c>, <c>a list</c>.</summary>
    public abstract string Expected { get; }
}

/// <summary>Text.</summary>
internal sealed record TextSchema(Regex? Pattern, string? PatternExpected, bool Variables) : ValueSchema
{
    public override string Expected => PatternExpected ?? "text";
}

/// <summary>A whole number.</summary>
internal sealed record IntegerSchema(int Minimum, int Maximum) : ValueSchema
{
    public override string Expected => Maximum == int.MaxValue ? $"a whole number from {Minimum}" : $"a whole number from {Minimum} to {Maximum}";
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed record BooleanSchema : ValueSchema
{
    public override string Expected => "true or false";
}

/// <summary>Permission bits in octal.</summary>
internal sealed record ModeSchema : ValueSchema
{
    /// <summary>Three or four octal digits.</summary>
    public const string Pattern = "^[0-7]{3,4}$";

    public override string Expected => "permission bits as three or four octal digits, like 0644";
}

/// <summary>One of some words.</summary>
/// <param name="Type">The enumeration.</param>
/// <param name="Choices">Word to value, in order.</param>
internal sealed record ChoiceSchema(Type Type, IReadOnlyList<KeyValuePair<string, object>> Choices) : ValueSchema
{
    public override string Expected => "one of " + string.Join(", ", Choices.Select(c => c.Key));
}

/// <summary>A command: a list of arguments, or the text of a script.</summary>
internal sealed record CommandSchema : ValueSchema
{
    public override string Expected => "a list of arguments, or the text of a script";
}

/// <summary>A list.</summary>
internal sealed record ListSchema(ValueSchema Item, Type ItemType) : ValueSchema
{
    public override string Expected => "a list";
}

/// <summary>A mapping of free names to values of one kind.</summary>
internal sealed record MapSchema(ValueSchema Value, Type ValueType) : ValueSchema
{
    public override string Expected => "a mapping of names to " + Value.Expected;
}

/// <summary>A mapping with keys of its own, or its short form.</summary>
internal sealed record SectionValueSchema(SectionSchema Section) : ValueSchema
{
    public override string Expected => Section.ShortKey is null ? "a mapping" : $"a mapping, or {Section.ShortKey.Value.Expected} for its '{Section.ShortKey.Name}'";
}

/// <summary>A part of the same schema that overrides what stands elsewhere: nothing in it is required.</summary>
internal sealed record OverridesSchema(SectionSchema Section) : ValueSchema
{
    public override string Expected => "a mapping of distributions, families or formats to the keys that they change";
}
