using System.Globalization;
using System.Text.Json;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>
/// Removes, after the grace period, what no kept state names: superseded indexes, removed packages, and whatever a killed run left.
/// Only keys that some transaction recorded are ever removed.
/// </summary>
internal sealed class Sweep(Repository repository)
{
    private const int RecordLimit = 256 * 1024 * 1024;

    private readonly IObjectStore _store = repository.Store;
    private readonly RepositoryConfiguration _configuration = repository.Configuration;

    /// <summary>Removes at once what nothing names, without grace and without keeping generations: when no client can be reading.</summary>
    public bool KeepNothing { get; init; }

    /// <summary>Sweeps when the last sweep is long enough ago: a publication need not list the store each time.</summary>
    public async Task RunIfDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = repository.Context.Clock.GetUtcNow();
        byte[]? content = await _store.ReadBytesAsync(RepositoryKeys.LastSweep, 4096, cancellationToken).ConfigureAwait(false);
        SweepMark? last = null;
        try
        {
            last = content is null ? null : JsonSerializer.Deserialize(content, RepositoryJson.Default.SweepMark);
        }
        catch (JsonException)
        {
            // A damaged mark only means that the sweep is due.
        }

        if (last is not null && now - last.Time < _configuration.GracePeriod / 4 && now >= last.Time)
        {
            return;
        }

        await RunAsync(cancellationToken).ConfigureAwait(false);
        await MarkAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes that there is nothing to sweep now.</summary>
    public Task MarkAsync(CancellationToken cancellationToken)
    {
        var mark = new SweepMark(repository.Context.Clock.GetUtcNow());
        return _store.PutBytesAsync(RepositoryKeys.LastSweep, JsonSerializer.SerializeToUtf8Bytes(mark, RepositoryJson.Default.SweepMark), new PutOptions(), cancellationToken);
    }

    /// <summary>Sweeps now.</summary>
    /// <returns>The keys that were removed.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        using IDisposable? held = await _store.LockRemovalAsync(cancellationToken).ConfigureAwait(false);
        (List<string> expired, List<string> kept) = await SortRecordsAsync(cancellationToken).ConfigureAwait(false);
        var candidates = new HashSet<string>(StringComparer.Ordinal);
        foreach (string record in expired)
        {
            candidates.UnionWith(await ReadRecordAsync(record, cancellationToken).ConfigureAwait(false));
        }

        foreach (string record in kept)
        {
            candidates.ExceptWith(await ReadRecordAsync(record, cancellationToken).ConfigureAwait(false));
        }

        candidates.RemoveWhere(key => RepositoryKeys.IsHidden(key) || !repository.Format.OwnsKey(_configuration, key));
        if (candidates.Count > 0)
        {
            await SpareReferencedAsync(candidates, cancellationToken).ConfigureAwait(false);
        }

        await _store.AbandonUploadsAsync(KeepNothing ? DateTimeOffset.MaxValue : repository.Context.Clock.GetUtcNow() - _configuration.GracePeriod, cancellationToken).ConfigureAwait(false);
        var removed = candidates.Order(StringComparer.Ordinal).ToList();
        await _store.DeleteAsync(removed, cancellationToken).ConfigureAwait(false);
        await _store.DeleteAsync(expired, cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>Every key that a record or a checkpoint accounts for.</summary>
    public async Task<IReadOnlySet<string>> FindKnownKeysAsync(CancellationToken cancellationToken)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        (List<string> expired, List<string> kept) = await SortRecordsAsync(cancellationToken).ConfigureAwait(false);
        foreach (string record in expired.Concat(kept))
        {
            known.UnionWith(await ReadRecordAsync(record, cancellationToken).ConfigureAwait(false));
        }

        foreach (PublishedPointer pointer in await ReadPointersAsync(cancellationToken).ConfigureAwait(false))
        {
            known.UnionWith(repository.Format.ReadIndexReferences(_configuration, pointer).Select(i => i.Key));
            await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, cancellationToken).ConfigureAwait(false))
            {
                known.UnionWith(package.Files.Select(f => f.Key));
            }
        }

        return known;
    }

    private async Task<(List<string> Expired, List<string> Kept)> SortRecordsAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset limit = repository.Context.Clock.GetUtcNow() - _configuration.GracePeriod;
        var records = new List<string>();
        await foreach (StoredObject record in _store.ListAsync(RepositoryKeys.Transactions, cancellationToken).ConfigureAwait(false))
        {
            records.Add(record.Key);
        }

        records.Sort(StringComparer.Ordinal);
        var expired = new List<string>();
        var kept = new List<string>();
        for (int i = 0; i < records.Count; i++)
        {
            bool recent = i >= records.Count - _configuration.KeepGenerations || TimeOf(records[i]) > limit;
            (recent && !KeepNothing ? kept : expired).Add(records[i]);
        }

        return (expired, kept);
    }

    // A name that is not ours counts as old: its record is then read, and ignored when it is none.
    private static DateTimeOffset TimeOf(string key)
    {
        ReadOnlySpan<char> name = key.AsSpan(RepositoryKeys.Transactions.Length);
        int dash = name.IndexOf('-');
        return dash > 0 && DateTimeOffset.TryParseExact(name[..dash], "yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : DateTimeOffset.MinValue;
    }

    private async Task<IReadOnlyList<string>> ReadRecordAsync(string key, CancellationToken cancellationToken)
    {
        byte[]? content = await _store.ReadBytesAsync(key, RecordLimit, cancellationToken).ConfigureAwait(false);
        try
        {
            return content is null ? [] : JsonSerializer.Deserialize(content, RepositoryJson.Default.TransactionRecord)?.Keys ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // What is published now, and every checkpoint.
    private async Task<List<PublishedPointer>> ReadPointersAsync(CancellationToken cancellationToken)
    {
        var pointers = new List<PublishedPointer>();
        if (await repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false) is { } current)
        {
            pointers.Add(current);
        }

        await foreach (StoredObject checkpoint in _store.ListAsync(RepositoryKeys.Checkpoints, cancellationToken).ConfigureAwait(false))
        {
            byte[]? content = await _store.ReadBytesAsync(checkpoint.Key, PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false);
            if (content is not null)
            {
                pointers.Add(new PublishedPointer(checkpoint.Key, checkpoint.ETag, content));
            }
        }

        return pointers;
    }

    private async Task SpareReferencedAsync(HashSet<string> candidates, CancellationToken cancellationToken)
    {
        List<PublishedPointer> pointers = await ReadPointersAsync(cancellationToken).ConfigureAwait(false);
        foreach (PublishedPointer pointer in pointers)
        {
            foreach (IndexReference index in repository.Format.ReadIndexReferences(_configuration, pointer))
            {
                candidates.Remove(index.Key);
            }
        }

        foreach (PublishedPointer pointer in pointers)
        {
            if (candidates.Count == 0)
            {
                return;
            }

            await foreach (PublishedPackage package in repository.Format.ReadPackagesAsync(repository, pointer, cancellationToken).ConfigureAwait(false))
            {
                candidates.ExceptWith(package.Files.Select(f => f.Key));
            }
        }
    }
}
