using System.Collections.Concurrent;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Indexes;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Makes the next state of an apt repository: merges each index that the change touches, and signs a new Release.</summary>
internal sealed class AptMerge(RepositoryMerge merge)
{
    private readonly RepositoryConfiguration _configuration = merge.Repository.Configuration;
    private readonly AptLayout _layout = new(merge.Repository.Configuration);
    private readonly ConcurrentQueue<PackagesMerge> _merges = new();

    /// <summary>Makes it.</summary>
    public async Task<RepositoryGeneration> RunAsync(CancellationToken cancellationToken)
    {
        ISigner? signer = await merge.Repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        VerifyCurrent(signer);
        ReleaseFile? current = merge.Current is null ? null : AptPointer.Read(merge.Current);
        ReleaseFile? content = merge.Content is null ? null : AptPointer.Read(merge.Content);
        var indexes = new AptIndexSet(merge, _layout, content);
        await MergeIndexesAsync(indexes, content, cancellationToken).ConfigureAwait(false);

        var conflicts = _merges.SelectMany(m => m.Conflicts).DistinctBy(e => ((PreparedPackage)e.Item!).Identity).ToList();
        PackageChange[] changes = [.. _merges.SelectMany(m => m.Outcomes).Select(o => o.Change).DistinctBy(c => (c.Package, c.Kind)).OrderBy(c => c.Package.ToString(), StringComparer.Ordinal)];
        if (current is not null && !merge.Changes.Refresh && !indexes.Changed)
        {
            return new RepositoryGeneration { Changed = false, Changes = changes, Conflicts = conflicts };
        }

        ReleaseFile release = MakeRelease(indexes.Entries);
        byte[] text = release.ToBytes();
        byte[] pointer = signer is null ? text : await signer.SignCleartextAsync(text, merge.Time, cancellationToken).ConfigureAwait(false);
        return new RepositoryGeneration
        {
            Changed = true,
            Pointer = pointer,
            Revision = merge.Time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            Uploads = [.. _merges.SelectMany(m => m.Outcomes).Where(o => o.Package is not null).Select(o => o.Package!).Distinct()],
            Indexes = [.. indexes.Staged],
            Superseded = Superseded(current, release),
            Changes = changes,
            Conflicts = conflicts,
        };
    }

    // What we build upon must be ours: otherwise our signature would vouch for what somebody else put there.
    private void VerifyCurrent(ISigner? signer)
    {
        foreach (PublishedPointer? pointer in new[] { merge.Current, merge.Content })
        {
            if (signer is not null && pointer is not null && AptPointer.IsClearsigned(pointer) && !merge.AcceptAnySigner)
            {
                // The time of this publication is never before that of the last one, whatever the clocks of two machines say.
                PointerTrust.Require(pointer, signer.PublicKey, merge.Time.AddSeconds(1), merge.Repository.Location);
            }
        }
    }

    // The Packages files come first; what follows from them needs to know what became of each package.
    private async Task MergeIndexesAsync(AptIndexSet indexes, ReleaseFile? content, CancellationToken cancellationToken)
    {
        using var translations = new TranslationMerge(merge, _layout, indexes);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_layout.Indexes.Concat(_layout.SourceIndexes), options, async (index, token) =>
            await MergeIndexAsync(index, indexes, translations, content, token).ConfigureAwait(false)).ConfigureAwait(false);

        AptConfiguration apt = _configuration.Apt!;
        if (!apt.Translations && !apt.Contents)
        {
            return;
        }

        AptDelta delta = await AptDelta.GatherAsync(merge, _merges, cancellationToken).ConfigureAwait(false);
        if (apt.Translations)
        {
            await translations.RunAsync(delta, cancellationToken).ConfigureAwait(false);
        }

        if (apt.Contents)
        {
            await new ContentsMerge(merge, _layout, indexes, delta).RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask MergeIndexAsync(AptIndex index, AptIndexSet indexes, TranslationMerge translations, ReleaseFile? content, CancellationToken cancellationToken)
    {
        var packages = new PackagesMerge(index, merge.Changes, _layout.Root + index.Path);
        Dictionary<CompressionKind, IndexReference> files = indexes.FilesOf(index.Path);
        bool converts = content is not null && !index.IsSource && translations.IsPublished(index.Component) != _configuration.Apt!.Translations;
        if (indexes.IsComplete(index.Path) && !packages.HasWork && !converts)
        {
            indexes.Carry(index.Path);
            return;
        }

        if (index.IsSource && files.Count == 0 && !packages.HasWork)
        {
            return;
        }

        if (files.Count == 0 && content is not null && !index.IsSource)
        {
            // An architecture that is new here: it begins with the packages that are for all architectures.
            List<byte[]> shared = await ReadSharedAsync(index, content, cancellationToken).ConfigureAwait(false);
            await MergeForeignAsync(packages, index, indexes, translations, shared, cancellationToken).ConfigureAwait(false);
        }
        else if (converts || !await TryMergeOursAsync(packages, index, indexes, files, cancellationToken).ConfigureAwait(false))
        {
            packages = new PackagesMerge(index, merge.Changes, _layout.Root + index.Path);
            List<byte[]> stanzas = await ReadAllAsync(index, files, cancellationToken).ConfigureAwait(false);
            await MergeForeignAsync(packages, index, indexes, translations, stanzas, cancellationToken).ConfigureAwait(false);
        }

        _merges.Enqueue(packages);
    }

    private async Task<bool> TryMergeOursAsync(PackagesMerge packages, AptIndex index, AptIndexSet indexes, Dictionary<CompressionKind, IndexReference> files, CancellationToken cancellationToken)
    {
        using IndexWriter writer = indexes.NewWriter(index.Path);
        try
        {
            IndexReader? reader = null;
            if (files.Count > 0)
            {
                reader = await IndexReader.OpenAsync(merge.Repository.Store, files, writer.Kinds, cancellationToken).ConfigureAwait(false);
                if (reader is null)
                {
                    return false;
                }
            }

            using (reader)
            {
                await packages.RunAsync(reader, writer, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        WrittenIndex written = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        indexes.Keep(index.Path, written, packages.Changed || !indexes.IsComplete(index.Path));
        return true;
    }

    private async Task MergeForeignAsync(
        PackagesMerge packages, AptIndex index, AptIndexSet indexes, TranslationMerge translations, List<byte[]> stanzas, CancellationToken cancellationToken)
    {
        if (!index.IsSource)
        {
            await translations.ConvertAsync(index, stanzas, cancellationToken).ConfigureAwait(false);
        }

        using IndexWriter writer = indexes.NewWriter(index.Path);
        await packages.RunForeignAsync(stanzas, writer, cancellationToken).ConfigureAwait(false);
        indexes.Keep(index.Path, await writer.CompleteAsync(cancellationToken).ConfigureAwait(false), changed: true);
    }

    private async Task<List<byte[]>> ReadAllAsync(AptIndex index, Dictionary<CompressionKind, IndexReference> files, CancellationToken cancellationToken)
    {
        var stanzas = new List<byte[]>();
        IAsyncEnumerable<ReadOnlyMemory<byte>> bytes = IndexReader.ReadWholeAsync(merge.Repository.Store, files, cancellationToken);
        await foreach (byte[] stanza in StanzaSplitter.SplitAsync(bytes, index.Path, cancellationToken).ConfigureAwait(false))
        {
            stanzas.Add(stanza);
        }

        return stanzas;
    }

    private async Task<List<byte[]>> ReadSharedAsync(AptIndex index, ReleaseFile content, CancellationToken cancellationToken)
    {
        foreach (AptIndex other in _layout.Indexes.Where(i => i.Component == index.Component))
        {
            Dictionary<CompressionKind, IndexReference> files = AptPointer.FilesOf(_layout, content, other);
            if (files.Count > 0)
            {
                List<byte[]> stanzas = await ReadAllAsync(other, files, cancellationToken).ConfigureAwait(false);
                stanzas.RemoveAll(s => !StanzaKey.Of(s).Architecture.SequenceEqual("all"u8));
                return stanzas;
            }
        }

        return [];
    }

    private ReleaseFile MakeRelease(IReadOnlyDictionary<string, ReleaseEntry> entries)
    {
        AptConfiguration apt = _configuration.Apt!;
        var release = new ReleaseFile();
        release.Add("Origin", _configuration.Origin);
        release.Add("Label", _configuration.Label);
        release.Add("Suite", apt.Suite ?? apt.Codename);
        release.Add("Version", apt.Version);
        release.Add("Codename", apt.Codename);
        release.Add("Date", merge.Time);
        if (_configuration.ValidFor is { } validFor)
        {
            release.Add("Valid-Until", merge.Time + validFor);
        }

        release.Add("NotAutomatic", apt.NotAutomatic ? "yes" : null);
        release.Add("ButAutomaticUpgrades", apt.ButAutomaticUpgrades ? "yes" : null);
        release.Add("Acquire-By-Hash", apt.AcquireByHash ? "yes" : "no");
        release.Add("Architectures", string.Join(' ', _configuration.Architectures));
        release.Add("Components", string.Join(' ', _configuration.Components));
        release.Add("Description", _configuration.Description);
        release.Add("Signed-By", string.Join(", ", apt.SignedBy));
        foreach ((string path, ReleaseEntry entry) in entries)
        {
            release.Entries[path] = entry;
        }

        return release;
    }

    private List<string> Superseded(ReleaseFile? current, ReleaseFile next)
    {
        var superseded = new HashSet<string>(_merges.SelectMany(m => m.SupersededKeys), StringComparer.Ordinal);
        if (current is not null)
        {
            superseded.UnionWith(merge.Repository.Format.ReadIndexReferences(_configuration, merge.Current!).Select(i => i.Key));
        }

        superseded.ExceptWith(next.Entries.Select(e => _layout.ByHashKey(e.Key, e.Value.Sha256)));
        return [.. superseded.Order(StringComparer.Ordinal)];
    }
}
