using System.Collections;
using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the keys of the store: by name where that is unique, and by fingerprint.</summary>
public sealed class SigningKeyCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        var store = new SigningKeyStore(boundParameters["KeyStore"] as string);

        // The prompt has no thread to spare and no context to come back to, so waiting here is safe.
        IReadOnlyList<SigningKey> keys = Task.Run(() => store.ListAsync()).GetAwaiter().GetResult();
        foreach (IGrouping<string, SigningKey> group in keys.Where(k => k.Name.Length > 0).GroupBy(k => k.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Count() == 1)
            {
                yield return new Suggestion(group.Key, ToolTip(group.First()));
            }
        }

        foreach (SigningKey key in keys)
        {
            yield return new Suggestion(key.Fingerprint, ToolTip(key));
        }
    }

    private static string ToolTip(SigningKey key) =>
        $"{key}  {key.Algorithm} {key.Size}{(key.Expires is { } expires ? $", expires {expires:yyyy-MM-dd}" : string.Empty)}{(key.HasSecret ? string.Empty : ", public only")}";
}
