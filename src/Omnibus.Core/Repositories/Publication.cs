using System.Collections.Concurrent;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Carries a generation to the store: record, packages, indexes, pointer, companions, and then the removal of what is no longer needed.</summary>
internal sealed class Publication(Repository repository, StagingFolder staging, IProgress<OperationProgress>? progress)
{
    private const int CompanionRepairs = 10;
    private const int LookFirstSize = 1024 * 1024;

    private readonly ConcurrentDictionary<string, byte> _stored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);

    private string? _recordKey;
    private RepositoryGeneration _generation = new() { Changed = false };
    private TransferProgress? _transfer;
    private long _bytesSent;

    /// <summary>Takes the generation that is to be published.</summary>
    public void Begin(RepositoryGeneration generation) => _generation = generation;

    /// <summary>Stores everything that the new pointer will name.</summary>
    /// <returns>False when a package's usual key holds other bytes: its key is changed, and the merge must be made again.</returns>
    public async Task<bool> UploadAsync(CancellationToken cancellationToken)
    {
        await RecordAsync(cancellationToken).ConfigureAwait(false);
        bool keysHold = true;
        List<PreparedPackage> packages = [.. _generation.Uploads.Where(p => p.Files.Any(f => !_stored.ContainsKey(f.Key)))];
        List<PreparedFile> files = [.. packages.SelectMany(p => p.Files).Where(f => !_stored.ContainsKey(f.Key)).Select(f => f.File)];
        List<StagedObject> indexes = [.. _generation.Indexes.Where(i => !_stored.ContainsKey(i.Key))];
        _transfer = progress is null ? null : new TransferProgress(repository.Location, files.Count + indexes.Count, files.Sum(f => f.Size) + indexes.Sum(i => i.Size), progress);
        var options = new ParallelOptions { MaxDegreeOfParallelism = repository.Context.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(packages, options, async (package, token) =>
        {
            if (!await StorePackageAsync(package, token).ConfigureAwait(false))
            {
                package.UsualKeyTaken = true;
                keysHold = false;
            }
        }).ConfigureAwait(false);
        if (!keysHold)
        {
            return false;
        }

        await Parallel.ForEachAsync(indexes, options, async (index, token) =>
        {
            // A content-addressed key that is there already holds the same bytes.
            var put = new PutOptions { Condition = PutCondition.Absent, Immutable = true, Sha256 = index.Sha256 };
            ObjectProgress? transfer = _transfer?.Begin(index.Key, index.Size);
            PutResult result = await repository.Store.PutAsync(index.Key, () => OpenLocal(index.Path), index.Size, put, transfer, token).ConfigureAwait(false);
            _stored.TryAdd(index.Key, 0);
            transfer?.Complete();
            if (result.Stored)
            {
                Interlocked.Add(ref _bytesSent, index.Size);
            }
        }).ConfigureAwait(false);
        return true;
    }

    /// <summary>The commit.</summary>
    public Task<PutResult> PutPointerAsync(PublishedPointer? current, CancellationToken cancellationToken)
    {
        PutCondition condition = current is null ? PutCondition.Absent : PutCondition.Matches(current.ETag);
        return repository.Store.PutBytesAsync(repository.Format.PointerKey(repository.Configuration), _generation.Pointer, new PutOptions { Condition = condition }, cancellationToken);
    }

    /// <summary>What follows the commit: companions and clean-up. A failure here leaves a whole state; the next run repeats it.</summary>
    /// <param name="etag">The pointer's tag.</param>
    /// <param name="attempts">How often the merge was made.</param>
    /// <param name="first">Whether nothing was published before: there is nothing to compare with or to clear away.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<RepositoryCommit> CompleteAsync(string? etag, int attempts, bool first, CancellationToken cancellationToken)
    {
        string key = repository.Format.PointerKey(repository.Configuration);
        var pointer = new PublishedPointer(key, etag ?? string.Empty, _generation.Pointer);
        await WriteCompanionsAsync(pointer, all: first, cancellationToken).ConfigureAwait(false);
        var sweep = new Sweep(repository);
        await (first ? sweep.MarkAsync(cancellationToken) : sweep.RunIfDueAsync(cancellationToken)).ConfigureAwait(false);
        return Describe(etag, attempts, published: true);
    }

    /// <summary>Writes the companions of an unchanged state that a killed run left behind its pointer.</summary>
    public async Task MendCompanionsAsync(PublishedPointer? current, CancellationToken cancellationToken)
    {
        if (current is null)
        {
            return;
        }

        if (!await repository.Format.HasCompanionsAsync(repository, current, cancellationToken).ConfigureAwait(false))
        {
            await WriteCompanionsAsync(current, all: false, cancellationToken).ConfigureAwait(false);
        }

        // Elsewhere a run that changes nothing costs as few requests as can be; the next change sweeps.
        if (repository.Store.StagingParent is not null)
        {
            await new Sweep(repository).RunIfDueAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The outcome so far.</summary>
    public RepositoryCommit Describe(string? etag, int attempts, bool published) => new()
    {
        Location = repository.Location,
        Published = published,
        Changes = _generation.Changes,
        Conflicts = _generation.Conflicts,
        BytesSent = _bytesSent,
        Attempts = attempts,
        Revision = _generation.Revision,
        PointerETag = etag,
    };

    private static FileStream OpenLocal(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        int before = _recorded.Count;
        _recorded.UnionWith(_generation.Uploads.SelectMany(p => p.Files).Select(f => f.Key));
        _recorded.UnionWith(_generation.Indexes.Select(i => i.Key));
        _recorded.UnionWith(_generation.Superseded);
        if (_recorded.Count == before)
        {
            return;
        }

        _recordKey = await TransactionRecord.WriteAsync(repository, _recorded, _recordKey, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> StorePackageAsync(PreparedPackage package, CancellationToken cancellationToken)
    {
        foreach ((string key, PreparedFile file) in package.Files)
        {
            if (!_stored.ContainsKey(key) && !await StoreFileAsync(package, key, file, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> StoreFileAsync(PreparedPackage package, string key, PreparedFile file, CancellationToken cancellationToken)
    {
        var put = new PutOptions { Condition = PutCondition.Absent, Immutable = true, Sha256 = file.Sha256 };
        ObjectProgress? transfer = _transfer?.Begin(key, file.Size);
        if (file.Size > LookFirstSize && await IsStoredAsync(key, file, cancellationToken).ConfigureAwait(false))
        {
            _stored.TryAdd(key, 0);
            transfer?.Complete();
            return true;
        }

        PutResult result;
        try
        {
            result = await repository.Store.PutAsync(key, () => OpenLocal(file.SourcePath), file.Size, put, transfer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("PackageNotFound", ErrorKind.NotFound, $"{file.SourcePath} was removed while it was being published. Nothing was changed.", package.SourcePath, inner: e);
        }

        if (result.Stored)
        {
            Interlocked.Add(ref _bytesSent, result.BytesSent ?? file.Size);
        }
        else if (!await HoldsAsync(key, file, cancellationToken).ConfigureAwait(false))
        {
            return package.UsualKeyTaken
                ? throw new OmnibusException("StoreContentChanged", ErrorKind.InvalidData, $"{repository.Location}: '{key}' holds other bytes than its name says.", key, "Remove that file; nothing that is published names it.")
                : false;
        }

        _stored.TryAdd(key, 0);
        transfer?.Complete();
        return true;
    }

    // A run that was killed may have sent it already: a look costs less than the bytes of all but small packages.
    private async Task<bool> IsStoredAsync(string key, PreparedFile file, CancellationToken cancellationToken) =>
        await repository.Store.FindAsync(key, cancellationToken).ConfigureAwait(false) is { Sha256: { } digest } found && found.Size == file.Size && digest == file.Sha256;

    // An earlier run that was killed, or a removed package still in its grace period, may have left the file there.
    private async Task<bool> HoldsAsync(string key, PreparedFile file, CancellationToken cancellationToken)
    {
        StoredObject? found = await repository.Store.FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (found is null || found.Size != file.Size || found.Sha256 is not null)
        {
            return found?.Size == file.Size && found.Sha256 == file.Sha256;
        }

        ObjectReading? reading = await repository.Store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        if (reading is null || reading.Object.Size != file.Size)
        {
            if (reading is not null)
            {
                await reading.DisposeAsync().ConfigureAwait(false);
            }

            return false;
        }

        await using (reading.ConfigureAwait(false))
        {
            byte[] digest = await SHA256.HashDataAsync(reading.Content, cancellationToken).ConfigureAwait(false);
            return Convert.ToHexStringLower(digest) == file.Sha256;
        }
    }

    private async Task WriteCompanionsAsync(PublishedPointer pointer, bool all, CancellationToken cancellationToken)
    {
        // Only who has committed writes companions, and looks afterwards whether it is still the last one: of two publishers that
        // interleave, the one that was overtaken sees that and writes those of the newer state.
        for (int repair = 0; repair < CompanionRepairs; repair++)
        {
            IReadOnlyList<CompanionObject> companions = await repository.Format.MakeCompanionsAsync(repository, pointer, all, cancellationToken).ConfigureAwait(false);
            if (companions.Count == 0)
            {
                return;
            }

            await WriteCompanionsAsync(companions, cancellationToken).ConfigureAwait(false);

            StoredObject? now = await repository.Store.FindAsync(pointer.Key, cancellationToken).ConfigureAwait(false);
            if (now is null || now.ETag == pointer.ETag)
            {
                return;
            }

            if (await repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false) is not { } newer)
            {
                return;
            }

            pointer = newer;
            all = true;
        }
    }

    // Copies of indexes at the same time; what tells of them afterwards, one by one.
    private async Task WriteCompanionsAsync(IReadOnlyList<CompanionObject> companions, CancellationToken cancellationToken)
    {
        bool[] written = await Task.WhenAll(companions.Where(c => c.SourceKey is not null).Select(c => WriteCompanionAsync(c, cancellationToken))).ConfigureAwait(false);
        foreach (CompanionObject companion in written.All(w => w) ? companions.Where(c => c.SourceKey is null) : [])
        {
            await WriteCompanionAsync(companion, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> WriteCompanionAsync(CompanionObject companion, CancellationToken cancellationToken)
    {
        var options = new PutOptions();
        if (companion.Content is { } content)
        {
            await repository.Store.PutBytesAsync(companion.Key, content, options, cancellationToken).ConfigureAwait(false);
            return true;
        }

        string sourceKey = companion.SourceKey!;
        if (await repository.Store.TryCopyAsync(sourceKey, companion.Key, options, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        StagedObject? staged = _generation.Indexes.FirstOrDefault(i => i.Key == sourceKey);
        string path = staged?.Path ?? Path.Combine(staging.Path, Guid.NewGuid().ToString("N"));
        if (staged is null)
        {
            ObjectReading? reading = await repository.Store.OpenReadAsync(sourceKey, cancellationToken).ConfigureAwait(false);
            if (reading is null)
            {
                // A newer publisher's clean-up has taken it: the caller sees the newer pointer next.
                return false;
            }

            await using (reading.ConfigureAwait(false))
            {
                using FileStream file = File.Create(path);
                await reading.Content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            }
        }

        await repository.Store.PutAsync(companion.Key, () => OpenLocal(path), new FileInfo(path).Length, options, null, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
