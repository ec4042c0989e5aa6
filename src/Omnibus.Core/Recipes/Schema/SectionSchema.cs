using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>A key of a section.</summary>
/// <param name="Name">The key.</param>
/// <param name="Attribute">Its description.</param>
/// <param name="Property">The property that takes its value.</param>
/// <param name="Value">What it may be.</param>
internal sealed record KeySchema(string Name, RecipeKeyAttribute Attribute, PropertyInfo Property, ValueSchema Value);

/// <summary>The keys of a section, read once from the attributes of its type.</summary>
internal sealed class SectionSchema
{
    private static readonly ConcurrentDictionary<Type, SectionSchema> s_known = new();

    private SectionSchema(Type type)
    {
        Type = type;
        var title = type.GetCustomAttribute<SectionTitleAttribute>() ?? throw new InvalidOperationException($"{type.Name} has no title.");
        Title = title.Title;
        Path = title.Path;
        ExactlyOne = [.. type.GetCustomAttributes<ExactlyOneAttribute>().Select(a => a.Keys)];
        OnlyWith = [.. type.GetCustomAttributes<OnlyWithAttribute>()];
    }

    /// <summary>Type of its objects.</summary>
    public Type Type { get; }

    /// <summary>Title in the reference.</summary>
    public string Title { get; }

    /// <summary>Where it stands in the file.</summary>
    public string Path { get; }

    /// <summary>Its keys, in the order of the type's properties.</summary>
    public IReadOnlyList<KeySchema> Keys { get; private set; } = [];

    /// <summary>The key that a single text stands for, or null.</summary>
    public KeySchema? ShortKey { get; private set; }

    /// <summary>Groups of keys of which exactly one is demanded.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ExactlyOne { get; }

    /// <summary>Keys that make sense only with others.</summary>
    public IReadOnlyList<OnlyWithAttribute> OnlyWith { get; }

    /// <summary>The schema of a type.</summary>
    public static SectionSchema Of(Type type)
    {
        if (s_known.TryGetValue(type, out SectionSchema? known))
        {
            return known;
        }

        // Put in its place before its keys are read: sections refer to themselves (overrides). A second thread at work at the same time
        // makes an equal one, which is not seen before it is whole.
        var building = new Dictionary<Type, SectionSchema>();
        SectionSchema made = Build(type, building);
        foreach ((Type builtType, SectionSchema built) in building)
        {
            s_known.TryAdd(builtType, built);
        }

        return made;
    }

    /// <summary>A key by name, or null.</summary>
    public KeySchema? Find(string name) => Keys.FirstOrDefault(k => k.Name == name);

    /// <summary>A name with dashes for one in PascalCase.</summary>
    internal static string WithDashes(string name) => Regex.Replace(name, "(?<=[a-z0-9])[A-Z]", "-$0", RegexOptions.CultureInvariant).ToLowerInvariant();

    private static SectionSchema Build(Type type, Dictionary<Type, SectionSchema> building)
    {
        if (building.TryGetValue(type, out SectionSchema? begun))
        {
            return begun;
        }

        var schema = new SectionSchema(type);
        building.Add(type, schema);
        var keys = new List<KeySchema>();
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public).OrderBy(p => p.MetadataToken))
        {
            if (property.GetCustomAttribute<RecipeKeyAttribute>() is { } attribute)
            {
                ValueSchema value = attribute.Name == "overrides"
                    ? new OverridesSchema(schema)
                    : ValueOf(property.PropertyType, attribute, building);
                keys.Add(new KeySchema(attribute.Name, attribute, property, value));
            }
        }

        schema.Keys = keys;
        if (type.GetCustomAttribute<ShortFormAttribute>() is { } shortForm)
        {
            schema.ShortKey = schema.Find(shortForm.Key) ?? throw new InvalidOperationException($"{type.Name} has no key '{shortForm.Key}'.");
        }

        return schema;
    }

    private static ValueSchema ValueOf(Type declared, RecipeKeyAttribute attribute, Dictionary<Type, SectionSchema> building)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string))
        {
            Regex? pattern = attribute.Pattern is null ? null : new Regex(attribute.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return new TextSchema(pattern, attribute.Expected, attribute.Variables);
        }

        if (type == typeof(int))
        {
            return new IntegerSchema(attribute.Minimum, attribute.Maximum);
        }

        if (type == typeof(bool))
        {
            return new BooleanSchema();
        }

        if (type == typeof(UnixMode))
        {
            return new ModeSchema();
        }

        if (type == typeof(RecipeCommand))
        {
            return new CommandSchema();
        }

        if (type.IsEnum)
        {
            return new ChoiceSchema(type, [.. type.GetFields(BindingFlags.Static | BindingFlags.Public)
                .Select(f => KeyValuePair.Create(f.GetCustomAttribute<ChoiceNameAttribute>()?.Name ?? WithDashes(f.Name), f.GetValue(null)!))]);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            Type item = type.GetGenericArguments()[0];
            return new ListSchema(ValueOf(item, attribute, building), item);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            Type item = type.GetGenericArguments()[1];
            return new MapSchema(ValueOf(item, attribute, building), item);
        }

        return type.IsSubclassOf(typeof(SchemaSection))
            ? new SectionValueSchema(Build(type, building))
            : throw new InvalidOperationException($"A key cannot be of type {type}.");
    }
}
