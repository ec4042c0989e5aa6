namespace Omnibus.Tests.Unit.Recipes;

/// <summary>Files of the source tree.</summary>
internal static class RepositoryFiles
{
    private static readonly Lazy<string> s_root = new(() =>
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Join(folder.FullName, "Omnibus.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests must run inside the source tree.");
    });

    /// <summary>Whether documents are to be written instead of compared: <c>OMNIBUS_WRITE_DOCS=1 dotnet test tests/Unit --filter RecipeSchema</c>.</summary>
    public static bool IsWriting => Environment.GetEnvironmentVariable("OMNIBUS_WRITE_DOCS") == "1";

    public static string PathOf(params string[] parts) => Path.Join([s_root.Value, .. parts]);
}
