using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>Writes a section's schema as JSON schema (draft 2020-12), for editors.</summary>
internal sealed class JsonSchemaWriter
{
    private static readonly JsonSerializerOptions s_format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    private readonly JsonObject _definitions = [];

    /// <summary>The schema of a whole file, with a line feed at its end.</summary>
    public static string Write(SectionSchema root, string id, string title)
    {
        var writer = new JsonSchemaWriter();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = id,
            ["title"] = title,
        };
        foreach ((string name, JsonNode? value) in writer.Section(root, isPartial: false).ToList())
        {
            schema[name] = value?.DeepClone();
        }

        schema["$defs"] = new JsonObject(writer._definitions.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Key, d.Value?.DeepClone())));
        return schema.ToJsonString(s_format) + "\n";
    }

    private JsonObject Section(SectionSchema section, bool isPartial)
    {
        var properties = new JsonObject();
        foreach (KeySchema key in section.Keys)
        {
            if (isPartial && key.Name is "overrides" or "distributions")
            {
                continue;
            }

            JsonObject value = Value(key.Value, isPartial);
            value["description"] = key.Attribute.Default is { } standard ? $"{key.Attribute.Description} Default: {standard}." : key.Attribute.Description;
            properties[key.Name] = value;
        }

        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        string[] required = [.. section.Keys.Where(k => k.Attribute.Required).Select(k => k.Name)];
        if (!isPartial && required.Length > 0)
        {
            schema["required"] = Array(required);
        }

        if (!isPartial && section.ExactlyOne.Count > 0)
        {
            schema["allOf"] = new JsonArray([.. section.ExactlyOne.Select(group => (JsonNode)new JsonObject
            {
                ["oneOf"] = new JsonArray([.. group.Select(k => (JsonNode)new JsonObject { ["required"] = Array([k]) })]),
            })]);
        }

        if (!isPartial && section.OnlyWith.Count > 0)
        {
            schema["dependentSchemas"] = new JsonObject(section.OnlyWith.Select(rule => KeyValuePair.Create(rule.Key, (JsonNode?)new JsonObject
            {
                ["anyOf"] = new JsonArray([.. rule.Others.Select(o => (JsonNode)new JsonObject { ["required"] = Array([o]) })]),
            })));
        }

        return schema;
    }

    private JsonObject Value(ValueSchema schema, bool isPartial) => schema switch
    {
        TextSchema { Pattern: { } pattern, Variables: var variables } => new JsonObject
        {
            // YAML reads 1.4 as a number: where text is wanted, an editor must not complain of it.
            ["type"] = Array(["string", "number"]),
            ["pattern"] = variables ? $"({pattern})|\\$\\{{" : pattern.ToString(),
        },
        TextSchema => new JsonObject { ["type"] = Array(["string", "number", "boolean"]) },
        IntegerSchema integer => integer.Maximum == int.MaxValue
            ? new JsonObject { ["type"] = "integer", ["minimum"] = integer.Minimum }
            : new JsonObject { ["type"] = "integer", ["minimum"] = integer.Minimum, ["maximum"] = integer.Maximum },
        BooleanSchema => new JsonObject { ["type"] = "boolean" },
        ModeSchema => new JsonObject { ["type"] = Array(["string", "integer"]), ["pattern"] = ModeSchema.Pattern },
        ChoiceSchema choice => new JsonObject { ["enum"] = new JsonArray([.. choice.Choices.Select(c => Choice(c.Key))]) },
        CommandSchema => new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["type"] = Array(["string", "number", "boolean"]) } }) },
        ListSchema list => new JsonObject { ["type"] = "array", ["items"] = Value(list.Item, isPartial: false) },
        MapSchema map => new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(map.Value, isPartial: false) },
        OverridesSchema overrides => new JsonObject { ["type"] = "object", ["additionalProperties"] = Reference(overrides.Section, isPartial: true) },
        SectionValueSchema section => SectionValue(section.Section, isPartial),
        _ => throw new InvalidOperationException($"No JSON schema for {schema}."),
    };

    private JsonObject SectionValue(SectionSchema section, bool isPartial)
    {
        JsonObject reference = Reference(section, isPartial);
        if (section.ShortKey is not { } key)
        {
            return reference;
        }

        return new JsonObject { ["oneOf"] = new JsonArray(Value(key.Value, isPartial: false), reference) };
    }

    private JsonObject Reference(SectionSchema section, bool isPartial)
    {
        string name = section.Type.Name.Replace("Section", string.Empty, StringComparison.Ordinal).Replace("Document", string.Empty, StringComparison.Ordinal);
        name = isPartial ? name + "Override" : name;
        if (!_definitions.ContainsKey(name))
        {
            // Taken before it is written: a section may refer to itself.
            _definitions[name] = new JsonObject();
            _definitions[name] = Section(section, isPartial);
        }

        return new JsonObject { ["$ref"] = "#/$defs/" + name };
    }

    private static JsonNode Choice(string text) => text switch
    {
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ => JsonValue.Create(text),
    };

    private static JsonArray Array(IReadOnlyList<string> texts) => new([.. texts.Select(t => (JsonNode)JsonValue.Create(t))]);
}
