using System.Collections;
using System.Globalization;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>Turns values of a YAML file into sections, as the schema says, and gathers every mistake.</summary>
/// <param name="problems">Takes the mistakes.</param>
/// <param name="variables">Variables of texts.</param>
/// <param name="overrideTargets">Names that overrides may be for; null does not look at overrides.</param>
internal sealed class SectionBinder(YamlProblems problems, VariableScope variables, IReadOnlyCollection<string>? overrideTargets = null)
{
    /// <summary>Reads a mapping as a section.</summary>
    /// <returns>The section; where there were mistakes, what could be read of it.</returns>
    public T Bind<T>(YamlMapping mapping, string path = "")
        where T : SchemaSection =>
        (T)BindSection(SectionSchema.Of(typeof(T)), mapping, path, isPartial: false);

    private SchemaSection BindSection(SectionSchema schema, YamlMapping mapping, string path, bool isPartial)
    {
        var section = (SchemaSection)Activator.CreateInstance(schema.Type)!;
        section.Place = mapping.Position;
        section.KeyPath = path;
        foreach (YamlKey key in mapping.Keys)
        {
            if (schema.Find(key.Name) is not { } known)
            {
                AddUnknownKey(schema, key, path);
                continue;
            }

            section.Positions[key.Name] = key.Value.Position;
            if (BindValue(known.Value, key.Value, section.PathOf(key.Name), section, key.Name, isPartial) is { } value)
            {
                known.Property.SetValue(section, value);
            }
        }

        CheckPresence(schema, mapping, section, isPartial);
        return section;
    }

    private void AddUnknownKey(SectionSchema schema, YamlKey key, string path)
    {
        IEnumerable<string> known = schema.Keys.Select(k => k.Name);
        string? near = NearestName.Find(key.Name, known);
        problems.Add(
            "RecipeUnknownKey",
            key.Position,
            path.Length == 0 ? key.Name : $"{path}.{key.Name}",
            $"unknown key '{key.Name}'{In(path)}{(near is null ? string.Empty : $"; did you mean '{near}'?")}",
            near is null ? $"Known keys here: {string.Join(", ", known)}." : null);
    }

    private void CheckPresence(SectionSchema schema, YamlMapping mapping, SchemaSection section, bool isPartial)
    {
        foreach (KeySchema key in schema.Keys.Where(k => k.Attribute.Required && !isPartial && mapping.Find(k.Name) is null))
        {
            problems.Add(
                "RecipeMissingKey",
                section.Place,
                section.PathOf(key.Name),
                $"the key '{key.Name}' is missing{In(section.KeyPath)}: {LowerFirst(key.Attribute.Description.TrimEnd('.'))}");
        }

        foreach (IReadOnlyList<string> group in schema.ExactlyOne)
        {
            string[] present = [.. group.Where(k => mapping.Find(k) is not null)];
            if (present.Length > 1 || (present.Length == 0 && !isPartial))
            {
                problems.Add(
                    present.Length == 0 ? "RecipeMissingKey" : "RecipeKeysExclude",
                    present.Length == 0 ? section.Place : mapping.Find(present[1])!.Position,
                    section.KeyPath,
                    present.Length == 0
                        ? $"one of the keys {Listing(group)} is missing{In(section.KeyPath)}"
                        : $"only one of the keys {Listing(present)} may stand{In(section.KeyPath)}");
            }
        }

        foreach (OnlyWithAttribute rule in schema.OnlyWith)
        {
            if (!isPartial && mapping.Find(rule.Key) is { } key && !rule.Others.Any(o => mapping.Find(o) is not null))
            {
                problems.Add(
                    "RecipeKeysExclude",
                    key.Position,
                    section.PathOf(rule.Key),
                    $"the key '{rule.Key}' means nothing{In(section.KeyPath)} without {Listing(rule.Others)}");
            }
        }
    }

    private object? BindValue(ValueSchema schema, YamlValue value, string path, SchemaSection owner, string ownerKey, bool isPartial)
    {
        switch (schema)
        {
            case SectionValueSchema { Section: var section }:
                return BindSectionValue(section, value, path, isPartial);
            case ListSchema list when value is YamlSequence sequence:
                return BindList(list, sequence, path, owner, ownerKey, isPartial);
            case MapSchema map when value is YamlMapping mapping:
                return BindMap(map, mapping, path, owner, ownerKey, isPartial);
            case OverridesSchema overrides when value is YamlMapping mapping:
                BindOverrides(overrides, mapping, path);
                return null;
            case CommandSchema:
                return BindCommand(value, path);
            case TextSchema or IntegerSchema or BooleanSchema or ModeSchema or ChoiceSchema when value is YamlScalar { IsNull: false } scalar:
                return BindScalar(schema, scalar, path);
            default:
                // In an override, a key without a value removes what was there.
                if (!isPartial || value is not YamlScalar { IsNull: true })
                {
                    AddWrongType(schema, value, path);
                }

                return null;
        }
    }

    private SchemaSection? BindSectionValue(SectionSchema section, YamlValue value, string path, bool isPartial)
    {
        switch (value)
        {
            case YamlMapping mapping:
                // A list's item in an override is a whole item, but a mapping is merged with what it overrides.
                return BindSection(section, mapping, path, isPartial && !path.EndsWith(']'));
            case YamlScalar { IsNull: false } scalar when section.ShortKey is { } key:
                var shortForm = new YamlMapping(scalar.Position, null, [new YamlKey(key.Name, scalar.Position, scalar)]);
                return BindSection(section, shortForm, path, isPartial: false);
            default:
                if (!isPartial || value is not YamlScalar { IsNull: true })
                {
                    AddWrongType(new SectionValueSchema(section), value, path);
                }

                return null;
        }
    }

    private IList BindList(ListSchema schema, YamlSequence sequence, string path, SchemaSection owner, string ownerKey, bool isPartial)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(schema.ItemType))!;
        for (int i = 0; i < sequence.Items.Count; i++)
        {
            string index = string.Create(CultureInfo.InvariantCulture, $"[{i}]");
            owner.Positions[ownerKey + index] = sequence.Items[i].Position;
            if (BindValue(schema.Item, sequence.Items[i], path + index, owner, ownerKey + index, isPartial) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private IDictionary BindMap(MapSchema schema, YamlMapping mapping, string path, SchemaSection owner, string ownerKey, bool isPartial)
    {
        var items = (IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), schema.ValueType))!;
        foreach (YamlKey key in mapping.Keys)
        {
            string name = $"{ownerKey}.{key.Name}";
            owner.Positions[name] = key.Value.Position;
            if (BindValue(schema.Value, key.Value, $"{path}.{key.Name}", owner, name, isPartial) is { } item)
            {
                items.Add(key.Name, item);
            }
        }

        return items;
    }

    private void BindOverrides(OverridesSchema schema, YamlMapping mapping, string path)
    {
        if (overrideTargets is null)
        {
            return;
        }

        foreach (YamlKey key in mapping.Keys)
        {
            string inner = $"{path}.{key.Name}";
            if (!overrideTargets.Contains(key.Name))
            {
                IReadOnlyList<string> near = NearestName.FindAll(key.Name, overrideTargets, 3);
                problems.Add(
                    "RecipeUnknownDistribution",
                    key.Position,
                    inner,
                    $"'{key.Name}' in {path} is no distribution, family or format{(near.Count == 0 ? string.Empty : $"; did you mean {Listing(near, " or ")}?")}");
            }

            if (key.Value is not YamlMapping over)
            {
                AddWrongType(schema, key.Value, inner);
                continue;
            }

            foreach (string refused in new[] { "overrides", "distributions" })
            {
                if (over.Find(refused) is { } nested && schema.Section.Find(refused) is not null)
                {
                    problems.Add("RecipeKeysExclude", nested.Position, $"{inner}.{refused}", $"'{refused}' cannot stand in {inner}");
                }
            }

            BindSection(schema.Section, over, inner, isPartial: true);
        }
    }

    private RecipeCommand? BindCommand(YamlValue value, string path)
    {
        switch (value)
        {
            case YamlScalar { IsNull: false } script:
                return new RecipeCommand([], script.Text);
            case YamlSequence { Items.Count: > 0 } sequence:
                var arguments = new List<string>();
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    string inner = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
                    if (sequence.Items[i] is YamlScalar { IsNull: false } argument)
                    {
                        arguments.Add(variables.Expand(argument.Text, argument.Position, inner, problems).Text);
                    }
                    else
                    {
                        AddWrongType(new TextSchema(null, null, true), sequence.Items[i], inner);
                    }
                }

                return new RecipeCommand(arguments, null);
            default:
                AddWrongType(new CommandSchema(), value, path);
                return null;
        }
    }

    private object? BindScalar(ValueSchema schema, YamlScalar scalar, string path)
    {
        (string text, bool isOpen) = schema is TextSchema { Variables: false } ? (scalar.Text, false) : variables.Expand(scalar.Text, scalar.Position, path, problems);
        object? value = schema switch
        {
            TextSchema { Pattern: null } => text,
            TextSchema { Pattern: { } pattern } => isOpen || (pattern.IsMatch(text) && !text.Contains('\n', StringComparison.Ordinal)) ? text : null,
            IntegerSchema integer => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= integer.Minimum && number <= integer.Maximum ? number : null,
            BooleanSchema => text switch { "true" => true, "false" => false, _ => null },
            ModeSchema => ReadMode(text),
            ChoiceSchema choice => choice.Choices.FirstOrDefault(c => c.Key == text).Value,
            _ => null,
        };
        if (value is null)
        {
            AddInvalidValue(schema, scalar, text, path);
        }
        else if (value is string { Length: 0 })
        {
            problems.Add("RecipeValueInvalid", scalar.Position, path, $"{path} is empty; {schema.Expected} is expected");
        }
        else if (value is string written && written.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add("RecipeValueInvalid", scalar.Position, path, $"{path} holds a NUL character");
        }

        return value;
    }

    private void AddInvalidValue(ValueSchema schema, YamlScalar scalar, string text, string path)
    {
        string? near = schema is ChoiceSchema choice ? NearestName.Find(text, choice.Choices.Select(c => c.Key)) : null;
        string shown = text.Length <= 60 ? text : text[..60] + "…";
        problems.Add(
            "RecipeValueInvalid",
            scalar.Position,
            path,
            $"'{shown}' in {path} is not valid; expected {schema.Expected}{(near is null ? string.Empty : $"; did you mean '{near}'?")}");
    }

    private void AddWrongType(ValueSchema schema, YamlValue value, string path) =>
        problems.Add("RecipeWrongType", value.Position, path, $"{path} must be {schema.Expected}, not {value.Kind}");

    private static object? ReadMode(string text) =>
        text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7') ? new UnixMode(Convert.ToInt32(text, 8)) : null;

    private static string In(string path) => path.Length == 0 ? string.Empty : " in " + path;

    private static string Listing(IEnumerable<string> names, string separator = ", ") => string.Join(separator, names.Select(n => $"'{n}'"));

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
