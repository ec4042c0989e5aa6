using System.Collections;
using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the clients whose acceptance of keys is known.</summary>
public sealed class PolicyClientCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters) =>
        KeyPolicy.Clients.Select(c => new Suggestion(c.Id, c.Title));
}
