using System.Runtime.CompilerServices;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Holds the lists of files and the long descriptions against the Packages files that they belong to.</summary>
internal sealed class AptIndexChecks(Repository repository, ReleaseFile release, IReadOnlyList<PublishedPackage> packages)
{
    private readonly AptLayout _layout = new(repository.Configuration);

    /// <summary>Gives a finding for each index that is missing, cannot be read, or does not fit.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AptConfiguration apt = repository.Configuration.Apt!;
        foreach (string component in _layout.Components)
        {
            if (apt.Translations && await CheckAsync(AptLayout.TranslationPath(component), p => CheckTranslationAsync(component, p, cancellationToken)).ConfigureAwait(false) is { } translation)
            {
                yield return translation;
            }

            foreach (string architecture in apt.Contents ? repository.Configuration.Architectures : [])
            {
                string path = AptLayout.ContentsPath(component, architecture);
                if (await CheckAsync(path, p => CheckContentsAsync(component, architecture, p, cancellationToken)).ConfigureAwait(false) is { } contents)
                {
                    yield return contents;
                }
            }
        }
    }

    private async Task<Finding?> CheckAsync(string path, Func<string, Task<Finding?>> check)
    {
        string key = _layout.Root + path;
        if (AptPointer.FilesOf(_layout, release, path).Count == 0)
        {
            return new Finding("RepositoryIndexAbsent", FindingSeverity.Warning, $"{key} is configured, but not published.", repository.Location, key) { Advice = "Run Update-Repository." };
        }

        try
        {
            return await check(path).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.Security)
        {
            return new Finding(e.Id, FindingSeverity.Error, e.Message, repository.Location, key);
        }
    }

    private async Task<Finding?> CheckTranslationAsync(string component, string path, CancellationToken cancellationToken)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (PublishedPackage package in packages.Where(p => p.Component == component))
        {
            if (package.Fields.FirstOrDefault(f => f.Key.Equals(PackagesStanza.SumField, StringComparison.OrdinalIgnoreCase)).Value is { } sum)
            {
                expected.Add(TranslationStanzas.KeyFor(package.Name, sum));
            }
        }

        await foreach (byte[] stanza in StanzaSplitter.SplitAsync(ReadAsync(path, cancellationToken), _layout.Root + path, cancellationToken).ConfigureAwait(false))
        {
            if (TranslationStanzas.Parse(stanza, _layout.Root + path) is { } found)
            {
                expected.Remove(found.Key);
            }
        }

        string[] names = [.. expected.Select(k => k[..k.IndexOf('\n', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal)];
        return names.Length == 0 ? null : Stale(path, $"has no description of {Some(names)}");
    }

    private async Task<Finding?> CheckContentsAsync(string component, string architecture, string path, CancellationToken cancellationToken)
    {
        HashSet<string> known = [.. packages
            .Where(p => p.Component == component && (p.Architecture == "all" || p.Architecture == architecture))
            .Select(p => Encoding.UTF8.GetString(ContentsLines.OwnerOf(p.Section, p.Name)))];
        var strangers = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (string owners in ContentsLines.ReadOwnersAsync(ReadAsync(path, cancellationToken), _layout.Root + path, cancellationToken).ConfigureAwait(false))
        {
            strangers.UnionWith(owners.Split(',').Where(o => !known.Contains(o)));
        }

        return strangers.Count == 0 ? null : Stale(path, $"lists files of {Some([.. strangers])}, which the repository does not publish");
    }

    private IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string path, CancellationToken cancellationToken) =>
        IndexReader.ReadWholeAsync(repository.Store, AptPointer.FilesOf(_layout, release, path), cancellationToken);

    private Finding Stale(string path, string what) => new("RepositoryIndexStale", FindingSeverity.Error, $"{_layout.Root}{path} {what}.", repository.Location, _layout.Root + path);

    private static string Some(string[] names) => $"{string.Join(", ", names.Take(10))}{(names.Length > 10 ? $" and {names.Length - 10} more" : string.Empty)}";
}
