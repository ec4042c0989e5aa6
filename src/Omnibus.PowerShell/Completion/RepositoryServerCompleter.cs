using System.Collections;
using Omnibus.Core.Serving;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the names of repository servers.</summary>
public sealed class RepositoryServerCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters) =>
        new RepositoryServers().List().Select(server => new Suggestion(server.Name, $"{server.Uri} {server.State}"));
}
