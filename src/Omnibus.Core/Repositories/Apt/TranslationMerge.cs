using System.Text;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Makes the files of long descriptions, one a component, for all architectures.</summary>
internal sealed class TranslationMerge(RepositoryMerge merge, AptLayout layout, AptIndexSet indexes) : IDisposable
{
    private readonly Dictionary<string, RecordSorter> _taken = layout.Components.ToDictionary(
        c => c, c => new RecordSorter(TranslationStanzas.Instance, merge.StagingFolder, $"{c}-translation"), StringComparer.Ordinal);

    /// <summary>Whether the published state has the long descriptions of a component apart.</summary>
    public bool IsPublished(string component) => indexes.FilesOf(AptLayout.TranslationPath(component)).Count > 0;

    /// <summary>Takes the long descriptions out of stanzas that were read whole, or brings them back, as the configuration says.</summary>
    public async Task ConvertAsync(AptIndex index, List<byte[]> stanzas, CancellationToken cancellationToken)
    {
        string item = layout.Root + index.Path;
        if (merge.Repository.Configuration.Apt!.Translations)
        {
            for (int i = 0; i < stanzas.Count; i++)
            {
                (stanzas[i], string? description) = PackagesStanza.TakeDescription(stanzas[i], item);
                Add(index.Component, Encoding.UTF8.GetString(StanzaKey.Of(stanzas[i]).Name), description);
            }
        }
        else if (IsPublished(index.Component))
        {
            Dictionary<string, string> texts = await ReadAsync(index.Component, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < stanzas.Count; i++)
            {
                stanzas[i] = PackagesStanza.RestoreDescription(
                    stanzas[i], (name, sum) => texts.GetValueOrDefault(TranslationStanzas.KeyFor(name, sum)), item);
            }
        }
    }

    /// <summary>Makes them, after all Packages files.</summary>
    public async Task RunAsync(AptDelta delta, CancellationToken cancellationToken)
    {
        foreach (string component in layout.Components)
        {
            string path = AptLayout.TranslationPath(component);
            foreach (AptPackage package in delta.Added.Where(p => p.Identity.Component == component))
            {
                Add(component, package.Identity.Name, package.Description);
            }

            HashSet<string> gone = [.. KeysOf(delta.Gone, component)];
            gone.ExceptWith(KeysOf(delta.Remaining, component));
            bool published = IsPublished(component);
            if (indexes.IsComplete(path) && gone.Count == 0 && _taken[component].IsEmpty)
            {
                indexes.Carry(path);
                continue;
            }

            var merging = new RecordMerge(TranslationStanzas.Instance, gone.Count > 0 ? new TranslationFilter(gone) : null);
            if (published && await indexes.MergeAsync(path, merging, _taken[component].ReadSorted(), anew: false, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            await MakeAnewAsync(component, path, gone, published, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RecordSorter sorter in _taken.Values)
        {
            sorter.Dispose();
        }
    }

    private static IEnumerable<string> KeysOf(IEnumerable<PublishedPackage> packages, string component) =>
        from package in packages
        where package.Component == component
        from field in package.Fields
        where field.Key.Equals(PackagesStanza.SumField, StringComparison.OrdinalIgnoreCase)
        select TranslationStanzas.KeyFor(package.Name, field.Value);

    private void Add(string component, string package, string? description)
    {
        if (description is not null)
        {
            _taken[component].Add(TranslationStanzas.Make(TranslationStanzas.KeyFor(package, TranslationStanzas.SumOf(description)), description));
        }
    }

    // Of another maker, in any order and form: read once and written in ours.
    private async Task MakeAnewAsync(string component, string path, HashSet<string> gone, bool published, CancellationToken cancellationToken)
    {
        using var sorter = new RecordSorter(TranslationStanzas.Instance, merge.StagingFolder, $"{component}-translation-anew");
        if (published)
        {
            foreach ((string key, string text) in await ReadAsync(component, cancellationToken).ConfigureAwait(false))
            {
                if (!gone.Contains(key))
                {
                    sorter.Add(TranslationStanzas.Make(key, text));
                }
            }
        }

        foreach (ReadOnlyMemory<byte> stanza in _taken[component].ReadSorted())
        {
            sorter.Add(stanza.Span);
        }

        await indexes.MergeAsync(path, new RecordMerge(TranslationStanzas.Instance, null), sorter.ReadSorted(), anew: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Dictionary<string, string>> ReadAsync(string component, CancellationToken cancellationToken)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        string path = AptLayout.TranslationPath(component);
        IAsyncEnumerable<ReadOnlyMemory<byte>> bytes = IndexReader.ReadWholeAsync(merge.Repository.Store, indexes.FilesOf(path), cancellationToken);
        await foreach (byte[] stanza in StanzaSplitter.SplitAsync(bytes, layout.Root + path, cancellationToken).ConfigureAwait(false))
        {
            if (TranslationStanzas.Parse(stanza, layout.Root + path) is { } found)
            {
                texts.TryAdd(found.Key, found.Text);
            }
        }

        return texts;
    }
}
