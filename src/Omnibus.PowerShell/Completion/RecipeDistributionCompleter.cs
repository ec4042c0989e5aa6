using System.Collections;
using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the distributions of the recipe on the command line, or all when it cannot be read.</summary>
public sealed class RecipeDistributionCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        foreach (Distribution distribution in OfRecipe(boundParameters) ?? DistributionCatalog.Load().All)
        {
            yield return new Suggestion(distribution.Name, distribution.Title);
        }
    }

    private static IReadOnlyList<Distribution>? OfRecipe(IDictionary boundParameters)
    {
        object? value = boundParameters["Path"] ?? boundParameters["LiteralPath"];
        string? path = (value is object[] { Length: > 0 } many ? many[0] : value)?.ToString();
        if (string.IsNullOrEmpty(path))
        {
            return null;
        }

        try
        {
            using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            string folder = shell.AddScript("(Get-Location -PSProvider FileSystem).ProviderPath").Invoke<string>().FirstOrDefault() ?? "/";
            return Recipe.Load(Path.Combine(folder, path)).Distributions;
        }
        catch (OmnibusException)
        {
            return null;
        }
    }
}
