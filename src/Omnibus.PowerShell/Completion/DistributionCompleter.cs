using System.Collections;
using Omnibus.Core.Distributions;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the names of distributions.</summary>
public sealed class DistributionCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        foreach (Distribution distribution in DistributionCatalog.Load().All)
        {
            yield return new Suggestion(distribution.Name, distribution.Title);
        }
    }
}
