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
    private readonly ConcurrentDictionary<string, ReleaseEntry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<StagedObject> _staged = new();
    private readonly ConcurrentQueue<PackagesMerge> _merges = new();
    private volatile bool _changed;

    /// <summary>Makes it.</summary>
    public async Task<RepositoryGeneration> RunAsync(CancellationToken cancellationToken)
    {
        ISigner? signer = await merge.Repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        VerifyCurrent(signer);
        ReleaseFile? current = merge.Current is null ? null : AptPointer.Read(merge.Current);
        ReleaseFile? content = merge.Content is null ? null : AptPointer.Read(merge.Content);
        _changed = current is null || merge.Changes.Refresh;

        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_layout.Indexes.Select((index, number) => (index, number)), options, async (item, token) =>
            await MergeIndexAsync(item.index, item.number, content, token).ConfigureAwait(false)).ConfigureAwait(false);

        var conflicts = _merges.SelectMany(m => m.Conflicts).DistinctBy(e => ((PreparedPackage)e.Item!).Identity).ToList();
        PackageChange[] changes = [.. _merges.SelectMany(m => m.Outcomes).Select(o => o.Change).DistinctBy(c => (c.Package, c.Kind)).OrderBy(c => c.Package.ToString(), StringComparer.Ordinal)];
        if (!_changed)
        {
            return new RepositoryGeneration { Changed = false, Changes = changes, Conflicts = conflicts };
        }

        ReleaseFile release = MakeRelease();
        byte[] text = release.ToBytes();
        byte[] pointer = signer is null ? text : await signer.SignCleartextAsync(text, merge.Time, cancellationToken).ConfigureAwait(false);
        return new RepositoryGeneration
        {
            Changed = true,
            Pointer = pointer,
            Revision = merge.Time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            Uploads = [.. _merges.SelectMany(m => m.Outcomes).Where(o => o.Package is not null).Select(o => o.Package!).Distinct()],
            Indexes = [.. _staged.DistinctBy(s => s.Key).OrderBy(s => s.Key, StringComparer.Ordinal)],
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

    private async ValueTask MergeIndexAsync(AptIndex index, int number, ReleaseFile? content, CancellationToken cancellationToken)
    {
        var packages = new PackagesMerge(index, merge.Changes, _layout.Root + index.Path);
        Dictionary<CompressionKind, IndexReference> files = content is null ? [] : AptPointer.FilesOf(_layout, content, index);
        bool complete = files.Count > 0 && _layout.Compressions.All(files.ContainsKey) && content!.Entries.ContainsKey(index.Path);
        if (complete && !packages.HasWork)
        {
            foreach (CompressionKind kind in _layout.Compressions.Append(CompressionKind.None))
            {
                string path = index.Path + Compressors.Extension(kind);
                _entries[path] = content!.Entries[path];
            }

            return;
        }

        if (!await TryMergeOursAsync(packages, index, number, files, content, complete, cancellationToken).ConfigureAwait(false))
        {
            packages = new PackagesMerge(index, merge.Changes, _layout.Root + index.Path);
            List<byte[]> stanzas = await ReadAllAsync(index, files, cancellationToken).ConfigureAwait(false);
            await MergeForeignAsync(packages, index, number, stanzas, cancellationToken).ConfigureAwait(false);
        }

        _merges.Enqueue(packages);
    }

    private async Task<bool> TryMergeOursAsync(
        PackagesMerge packages, AptIndex index, int number, Dictionary<CompressionKind, IndexReference> files, ReleaseFile? content, bool complete, CancellationToken cancellationToken)
    {
        if (files.Count == 0 && content is not null)
        {
            // An architecture that is new here: it begins with the packages that are for all architectures.
            List<byte[]> shared = await ReadSharedAsync(index, content, cancellationToken).ConfigureAwait(false);
            await MergeForeignAsync(packages, index, number, shared, cancellationToken).ConfigureAwait(false);
            return true;
        }

        using var writer = new IndexWriter(_layout.Compressions, merge.StagingFolder, $"{number}-own");
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
        Keep(index, written, packages.Changed || !complete);
        return true;
    }

    private async Task MergeForeignAsync(PackagesMerge packages, AptIndex index, int number, List<byte[]> stanzas, CancellationToken cancellationToken)
    {
        using var writer = new IndexWriter(_layout.Compressions, merge.StagingFolder, $"{number}-whole");
        await packages.RunForeignAsync(stanzas, writer, cancellationToken).ConfigureAwait(false);
        Keep(index, await writer.CompleteAsync(cancellationToken).ConfigureAwait(false), changed: true);
    }

    private void Keep(AptIndex index, WrittenIndex written, bool changed)
    {
        _changed |= changed;
        _entries[index.Path] = new ReleaseEntry(written.PlainSize, written.PlainSha256);
        foreach (IndexFile file in written.Files)
        {
            string path = index.Path + Compressors.Extension(file.Kind);
            _entries[path] = new ReleaseEntry(file.Size, file.Sha256);
            _staged.Enqueue(new StagedObject(_layout.ByHashKey(path, file.Sha256), file.Path, file.Size, file.Sha256));
        }
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

    private ReleaseFile MakeRelease()
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
        foreach ((string path, ReleaseEntry entry) in _entries)
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
