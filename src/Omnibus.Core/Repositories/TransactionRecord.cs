using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>
/// What a transaction writes and what it supersedes, recorded before its first upload. Nothing is ever deleted but what a record
/// names, so a killed transaction leaves no orphan and a foreign file is never touched.
/// </summary>
/// <param name="Started">When.</param>
/// <param name="Keys">Every key that it may have written or superseded.</param>
internal sealed record TransactionRecord(DateTimeOffset Started, IReadOnlyList<string> Keys)
{
    /// <summary>The key of a new record: records sort by time.</summary>
    private static string NewKey(DateTimeOffset time) => RepositoryKeys.Transactions
        + time.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)
        + "-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)) + ".json";

    /// <summary>Writes a record of keys.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="recordKey">The record that a transaction wrote before and that this one replaces; null for a new one.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The record's key.</returns>
    public static async Task<string> WriteAsync(Repository repository, IEnumerable<string> keys, string? recordKey, CancellationToken cancellationToken)
    {
        DateTimeOffset now = repository.Context.Clock.GetUtcNow();
        var record = new TransactionRecord(now, [.. keys.Order(StringComparer.Ordinal)]);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(record, RepositoryJson.Default.TransactionRecord);

        // Under the lock, so that a sweep either sees the record or is over before anything of ours is looked for.
        using IDisposable? held = await repository.Store.LockRemovalAsync(cancellationToken).ConfigureAwait(false);

        // Under a condition, so that a store that ignores conditions is refused before the first byte.
        PutCondition condition = recordKey is null ? PutCondition.Absent : PutCondition.Always;
        string key = recordKey ?? NewKey(now);
        await repository.Store.PutBytesAsync(key, content, new PutOptions { Condition = condition }, cancellationToken).ConfigureAwait(false);
        return key;
    }
}

/// <summary>When what nothing names any more was last removed.</summary>
/// <param name="Time">When.</param>
internal sealed record SweepMark(DateTimeOffset Time);
