using System.Text.Json;
using Omnibus.Core.Recipes;

namespace Omnibus.Tests.Unit.Recipes;

public class RecipeSchemaTests
{
    private const string Begin = "<!-- begin keys: written from the model, do not edit -->\n";
    private const string End = "<!-- end keys -->\n";

    [Fact]
    public void The_JSON_schema_in_docs_is_the_one_of_the_model()
    {
        string path = RepositoryFiles.PathOf("docs", "omnibus.schema.json");
        if (RepositoryFiles.IsWriting)
        {
            File.WriteAllText(path, RecipeSchema.ToJson());
        }

        Assert.True(File.ReadAllText(path) == RecipeSchema.ToJson(), "docs/omnibus.schema.json is out of date: OMNIBUS_WRITE_DOCS=1 dotnet test tests/Unit --filter RecipeSchema writes it.");
    }

    [Fact]
    public void The_key_reference_in_docs_is_the_one_of_the_model()
    {
        string path = RepositoryFiles.PathOf("docs", "recipes.md");
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        string wanted = "\n" + RecipeSchema.ToMarkdown();
        if (RepositoryFiles.IsWriting)
        {
            File.WriteAllText(path, text[..begin] + wanted + text[end..]);
            return;
        }

        Assert.True(text[begin..end] == wanted, "The keys in docs/recipes.md are out of date: OMNIBUS_WRITE_DOCS=1 dotnet test tests/Unit --filter RecipeSchema writes them.");
    }

    [Fact]
    public void Every_reference_of_the_JSON_schema_leads_somewhere()
    {
        using var schema = JsonDocument.Parse(RecipeSchema.ToJson());
        JsonElement definitions = schema.RootElement.GetProperty("$defs");
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.RootElement.GetProperty("$schema").GetString());
        int references = 0;
        Walk(schema.RootElement);
        Assert.True(references > 20);

        void Walk(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (property.Name == "$ref")
                    {
                        references++;
                        string name = property.Value.GetString()!["#/$defs/".Length..];
                        Assert.NotEmpty(definitions.GetProperty(name).EnumerateObject());
                    }

                    Walk(property.Value);
                }
            }
            else if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Walk(item);
                }
            }
        }
    }
}
