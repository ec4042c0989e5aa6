namespace Omnibus.Core.Recipes;

/// <summary>How a recipe is to be planned.</summary>
public sealed record PlanOptions
{
    /// <summary>Neutral name of the architecture (<c>x86_64</c>, <c>aarch64</c>); null: this machine's.</summary>
    public string? Architecture { get; init; }

    /// <summary>Source version that takes the place of the recipe's, or null.</summary>
    public string? Version { get; init; }

    /// <summary>Version that the recipe's source turned out to be; the source stays what it is.</summary>
    internal string? ResolvedVersion { get; init; }
}
