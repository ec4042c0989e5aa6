using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes;

/// <summary>The schema of recipes, as documents: both come from the same attributes that the reading of a recipe follows.</summary>
public static class RecipeSchema
{
    /// <summary>JSON schema (draft 2020-12), as kept in <c>docs/omnibus.schema.json</c>.</summary>
    public static string ToJson() => JsonSchemaWriter.Write(SectionSchema.Of(typeof(RecipeDocument)), "urn:omnibus:recipe", "An Omnibus recipe (omnibus.yml)");

    /// <summary>The tables of keys in <c>docs/recipes.md</c>.</summary>
    public static string ToMarkdown() => KeyReferenceWriter.Write(SectionSchema.Of(typeof(RecipeDocument)));
}
