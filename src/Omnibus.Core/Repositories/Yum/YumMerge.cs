using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Indexes;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Makes the next state of a yum repository: merges the three lists, carries the other metadata, and makes a new repomd.xml.</summary>
internal sealed class YumMerge(RepositoryMerge merge)
{
    private readonly CompressionKind _compression = merge.Repository.Configuration.Compressions[0];
    private readonly ConcurrentDictionary<string, RepomdRecord> _records = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<StagedObject> _staged = new();
    private readonly YumChangePlan _plan = new(merge.Changes);

    /// <summary>Makes it.</summary>
    public async Task<RepositoryGeneration> RunAsync(CancellationToken cancellationToken)
    {
        ISigner? signer = await merge.Repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        RepomdFile? current = await ReadTrustedAsync(merge.Current, signer, cancellationToken).ConfigureAwait(false);
        RepomdFile? content = ReferenceEquals(merge.Content, merge.Current) ? current : await ReadTrustedAsync(merge.Content, signer, cancellationToken).ConfigureAwait(false);
        await VisitAsync(content, cancellationToken).ConfigureAwait(false);

        await Parallel.ForEachAsync(YumIndexKind.All, cancellationToken, async (kind, token) =>
            await MergeIndexAsync(kind, content, token).ConfigureAwait(false)).ConfigureAwait(false);
        bool changed = current is null || merge.Changes.Refresh || !_staged.IsEmpty;
        changed |= await MergeOtherMetadataAsync(content, cancellationToken).ConfigureAwait(false);
        PackageChange[] changes = [.. _plan.Changes.OrderBy(c => c.Package.ToString(), StringComparer.Ordinal)];
        if (!changed)
        {
            return new RepositoryGeneration { Changed = false, Changes = changes, Conflicts = _plan.Conflicts };
        }

        RepomdFile next = MakeRepomd();
        byte[] text = next.ToBytes();
        return new RepositoryGeneration
        {
            Changed = true,
            Pointer = signer is null ? text : RepomdFile.AddSignature(text, await SignAsync(signer, text, cancellationToken).ConfigureAwait(false)),
            Revision = next.Revision,
            Uploads = [.. _plan.Accepted],
            Indexes = [.. _staged.DistinctBy(s => s.Key).OrderBy(s => s.Key, StringComparer.Ordinal)],
            Superseded = Superseded(current, content, next),
            Changes = changes,
            Conflicts = _plan.Conflicts,
        };
    }

    /// <summary>Reads the elements of a list, whoever wrote it.</summary>
    public static async IAsyncEnumerable<byte[]> ReadElementsAsync(IObjectStore store, RepomdRecord record, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<ReadOnlyMemory<byte>> bytes = IndexReader.ReadWholeAsync(store, FilesOf(record), cancellationToken);
        await foreach (byte[] element in PackageElementSplitter.SplitAsync(bytes, record.Key, cancellationToken).ConfigureAwait(false))
        {
            yield return element;
        }
    }

    private static Dictionary<CompressionKind, IndexReference> FilesOf(RepomdRecord record) =>
        new() { [CompressionOf(record.Key)] = new IndexReference(record.Key, record.Size, record.Sha256, record.Type) { PlainSize = record.OpenSize } };

    private static CompressionKind CompressionOf(string key) => Path.GetExtension(key) switch
    {
        ".gz" => CompressionKind.Gzip,
        ".xz" => CompressionKind.Xz,
        ".zst" => CompressionKind.Zstd,
        ".xml" or ".yaml" => CompressionKind.None,
        string extension => throw new OmnibusException("RepositoryIndexInvalid", ErrorKind.Unsupported, $"{key} is compressed in a way that Omnibus does not read ({extension}).", key),
    };

    // What we build upon must be ours: otherwise our signature would vouch for what somebody else put there.
    private async Task<RepomdFile?> ReadTrustedAsync(PublishedPointer? pointer, ISigner? signer, CancellationToken cancellationToken)
    {
        if (pointer is null)
        {
            return null;
        }

        if (signer is not null && !merge.AcceptAnySigner)
        {
            // The time of this publication is never before that of the last one, whatever the clocks of two machines say.
            await YumTrust.RequireAsync(merge.Repository, pointer, signer.PublicKey, merge.Time.AddSeconds(1), cancellationToken).ConfigureAwait(false);
        }

        return RepomdFile.Read(pointer);
    }

    private async Task VisitAsync(RepomdFile? content, CancellationToken cancellationToken)
    {
        if (content?.Find(YumIndexKind.Primary.Type) is { } primary)
        {
            await foreach (byte[] element in ReadElementsAsync(merge.Repository.Store, primary, cancellationToken).ConfigureAwait(false))
            {
                _plan.Visit(element);
            }
        }

        _plan.Complete();
    }

    private async ValueTask MergeIndexAsync(YumIndexKind kind, RepomdFile? content, CancellationToken cancellationToken)
    {
        RepomdRecord? published = content?.Find(kind.Type);
        if (published is not null && !_plan.ChangesLists && CompressionOf(published.Key) == _compression && published.OpenSha256 is not null)
        {
            _records[kind.Type] = published;
            return;
        }

        WrittenIndex written = await TryMergeOursAsync(kind, published, cancellationToken).ConfigureAwait(false)
            ?? await MergeForeignAsync(kind, published!, cancellationToken).ConfigureAwait(false);
        IndexFile file = written.Files[0];
        Keep(kind.Type, YumLayout.FileName(kind.Type, _compression), file, written);
    }

    private PackageElementMerge NewMerge(YumIndexKind kind) =>
        new(kind, _plan.Accepted.Select(p => p.ElementFor(kind)), _plan.RemovedKeys, _plan.MergedCount);

    private async Task<WrittenIndex?> TryMergeOursAsync(YumIndexKind kind, RepomdRecord? published, CancellationToken cancellationToken)
    {
        using var writer = new IndexWriter([_compression], merge.StagingFolder, $"{kind.Type}-own");
        try
        {
            IndexReader? reader = published is null ? null : await IndexReader.OpenAsync(merge.Repository.Store, FilesOf(published), writer.Kinds, cancellationToken).ConfigureAwait(false);
            if (published is not null && reader is null)
            {
                return null;
            }

            using (reader)
            {
                await NewMerge(kind).RunAsync(reader, writer, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<WrittenIndex> MergeForeignAsync(YumIndexKind kind, RepomdRecord published, CancellationToken cancellationToken)
    {
        var elements = new List<byte[]>();
        await foreach (byte[] element in ReadElementsAsync(merge.Repository.Store, published, cancellationToken).ConfigureAwait(false))
        {
            elements.Add(element);
        }

        using var writer = new IndexWriter([_compression], merge.StagingFolder, $"{kind.Type}-whole");
        await NewMerge(kind).RunForeignAsync(elements, writer, cancellationToken).ConfigureAwait(false);
        return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    // Errata, groups and modules go on as they are; databases and deltas of another maker would not fit the new lists.
    private async Task<bool> MergeOtherMetadataAsync(RepomdFile? content, CancellationToken cancellationToken)
    {
        foreach (RepomdRecord record in content?.Records ?? [])
        {
            if (YumMetadataTypes.IsCarried(record.Type))
            {
                _records.TryAdd(record.Type, record);
            }
        }

        bool changed = false;
        foreach (YumMetadataFile file in merge.Changes.Additions.OfType<YumMetadataFile>())
        {
            // Old clients read groups only without compression, and yum of EL7 looks for group_gz.
            foreach ((string type, CompressionKind compression) in YumMetadataTypes.FormsOf(file.Type, _compression))
            {
                changed |= await AddMetadataAsync(file, type, compression, cancellationToken).ConfigureAwait(false);
            }
        }

        return changed;
    }

    private async Task<bool> AddMetadataAsync(YumMetadataFile file, string type, CompressionKind compression, CancellationToken cancellationToken)
    {
        byte[] plain = await YumMetadataTypes.ReadAsync(file.SourcePath, cancellationToken).ConfigureAwait(false);
        using var writer = new IndexWriter([compression], merge.StagingFolder, type);
        await writer.WriteAsync(plain, null, cancellationToken).ConfigureAwait(false);
        WrittenIndex written = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        bool isNew = !_records.TryGetValue(type, out RepomdRecord? before) || before.Sha256 != written.Files[0].Sha256;
        _plan.Changes.Add(new PackageChange(before is null ? PackageChangeKind.Added : isNew ? PackageChangeKind.Replaced : PackageChangeKind.Unchanged, file.Identity, type, file.Size));
        if (isNew)
        {
            Keep(type, file.FileName + Compressors.Extension(compression), written.Files[0], written);
        }

        return isNew;
    }

    private void Keep(string type, string fileName, IndexFile file, WrittenIndex written)
    {
        string key = YumLayout.IndexKey(file.Sha256, fileName);
        bool compressed = file.Kind != CompressionKind.None;
        _staged.Enqueue(new StagedObject(key, file.Path, file.Size, file.Sha256));
        _records[type] = new RepomdRecord(type, key, file.Sha256, file.Size)
        {
            OpenSha256 = compressed ? written.PlainSha256 : null,
            OpenSize = compressed ? written.PlainSize : null,
            Timestamp = merge.Time.ToUnixTimeSeconds(),
        };
    }

    private RepomdFile MakeRepomd()
    {
        YumConfiguration yum = merge.Repository.Configuration.Yum ?? new YumConfiguration();
        string[] lists = [.. YumIndexKind.All.Select(k => k.Type)];
        return new RepomdFile
        {
            Revision = merge.Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ContentTags = yum.ContentTags,
            RepositoryTags = yum.RepositoryTags,
            DistributionTags = [.. yum.DistributionTags.Select(SplitDistribution)],
            Records = [.. lists.Select(t => _records[t]), .. _records.Values.Where(r => !lists.Contains(r.Type)).OrderBy(r => r.Type, StringComparer.Ordinal)],
        };
    }

    private static (string? CpeId, string Text) SplitDistribution(string tag)
    {
        int comma = tag.StartsWith("cpe:", StringComparison.Ordinal) ? tag.IndexOf(',', StringComparison.Ordinal) : -1;
        return comma < 0 ? (null, tag) : (tag[..comma], tag[(comma + 1)..]);
    }

    private async Task<byte[]> SignAsync(ISigner signer, byte[] text, CancellationToken cancellationToken)
    {
        using var data = new MemoryStream(text, writable: false);
        return await signer.SignDetachedAsync(data, armor: false, merge.Time, cancellationToken).ConfigureAwait(false);
    }

    private List<string> Superseded(RepomdFile? current, RepomdFile? content, RepomdFile next)
    {
        var superseded = new HashSet<string>(_plan.SupersededKeys, StringComparer.Ordinal);
        superseded.UnionWith((current?.Records ?? []).Select(r => r.Key));
        superseded.UnionWith((content?.Records ?? []).Select(r => r.Key));
        superseded.ExceptWith(next.Records.Select(r => r.Key));
        return [.. superseded.Order(StringComparer.Ordinal)];
    }
}
