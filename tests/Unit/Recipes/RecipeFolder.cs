using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes;

namespace Omnibus.Tests.Unit.Recipes;

/// <summary>A folder with a recipe and the files that it names.</summary>
internal sealed class RecipeFolder : IDisposable
{
    /// <summary>The least that a recipe can be, without its end of packages.</summary>
    public const string Head = "name: notes\nversion: 1.4.0rc1\nmaintainer: Example <packages@example.com>\ndistributions: [debian-12, rocky-9]\nsummary: Notes\n";

    public RecipeFolder(string recipe)
    {
        Path = Directory.CreateTempSubdirectory("omnibus-recipe-").FullName;
        File.WriteAllText(RecipePath, recipe);
    }

    public string Path { get; }

    public string RecipePath => System.IO.Path.Join(Path, "omnibus.yml");

    public RecipeFolder With(string file, string text = "text\n")
    {
        string path = System.IO.Path.Join(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public RecipeFolder WithFolder(string folder)
    {
        Directory.CreateDirectory(System.IO.Path.Join(Path, folder));
        return this;
    }

    public Recipe Load() => Recipe.Load(RecipePath, DistributionCatalog.Shipped);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
