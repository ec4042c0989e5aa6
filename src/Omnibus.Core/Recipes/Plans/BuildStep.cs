namespace Omnibus.Core.Recipes.Plans;

/// <summary>A command of the recipe's <c>run:</c>, run in order in the build's scratch folder (never in the source tree).</summary>
/// <param name="Name">Shown as progress.</param>
/// <param name="Arguments">Program and its arguments. For a script: the interpreter and its arguments; the script's file is added at the end.</param>
public sealed record BuildStep(string Name, IReadOnlyList<string> Arguments)
{
    /// <summary>Text of a script, or null for a plain command.</summary>
    public string? Script { get; init; }

    /// <summary>Variables beside those that every step gets: <c>OMNIBUS_SOURCE</c> (the recipe's folder), <c>OMNIBUS_BUILD</c> (the scratch folder), and the recipe's variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Folder it runs in; null: the scratch folder itself.</summary>
    public PlanPath? WorkingDirectory { get; init; }

    /// <summary>Whether it runs after the Python environment is made (the default) or before.</summary>
    public bool BeforeEnvironment { get; init; }

    /// <summary>The step with the scratch folder filled in where arguments and variables name it (<c>${build}</c>).</summary>
    public BuildStep In(string buildDirectory) => this with
    {
        Arguments = [.. Arguments.Select(a => FillIn(a, buildDirectory))],
        Environment = Environment.ToDictionary(v => v.Key, v => FillIn(v.Value, buildDirectory), StringComparer.Ordinal),
    };

    private static string FillIn(string text, string buildDirectory) => text.Replace("${build}", buildDirectory, StringComparison.Ordinal);
}
