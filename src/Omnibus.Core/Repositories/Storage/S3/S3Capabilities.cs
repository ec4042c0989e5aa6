using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>What a store was found to do with conditions on a PUT.</summary>
/// <param name="HonoursIfAbsent"><c>If-None-Match: *</c> refuses when there is an object.</param>
/// <param name="HonoursIfMatch"><c>If-Match</c> refuses when the tag differs, and lets pass when it is the same.</param>
/// <param name="QuotedETag">Whether the tag is sent in quotes, as RFC 9110 demands; some stores compare it without.</param>
public sealed record S3Capabilities(bool HonoursIfAbsent, bool HonoursIfMatch, bool QuotedETag)
{
    /// <summary>Whether publishers at the same time are safe.</summary>
    public bool Conditional => HonoursIfAbsent && HonoursIfMatch;

    /// <summary>Tries the store out with a small object of its own, which is removed again.</summary>
    internal static async Task<S3Capabilities> ProbeAsync(S3Store store, CancellationToken cancellationToken)
    {
        string key = $"{RepositoryKeys.HiddenFolder}/probe-{Guid.NewGuid():n}";
        Task<PutResult> Try(PutCondition condition, bool quoted) => store.PutWholeAsync(
            key,
            static () => new MemoryStream("probe"u8.ToArray()),
            new PutOptions { Condition = condition },
            new S3Capabilities(true, true, quoted),
            null,
            cancellationToken);

        PutResult made = await Try(PutCondition.Always, true).ConfigureAwait(false);
        try
        {
            var other = PutCondition.Matches(new string('0', 32));
            var same = PutCondition.Matches(made.ETag!);
            bool ifAbsent = !(await Try(PutCondition.Absent, true).ConfigureAwait(false)).Stored;
            bool refusesOther = !(await Try(other, true).ConfigureAwait(false)).Stored;
            bool quoted = (await Try(same, true).ConfigureAwait(false)).Stored;
            bool takesSame = quoted || ((await Try(same, false).ConfigureAwait(false)).Stored && !(await Try(other, false).ConfigureAwait(false)).Stored);
            return new S3Capabilities(ifAbsent, refusesOther && takesSame, quoted);
        }
        finally
        {
            await store.DeleteAsync([key], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string FileFor(string endpoint, string bucket)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{endpoint}\n{bucket}")));
        return Path.Combine(UserFolders.Cache, "stores", name + ".json");
    }

    /// <summary>What an earlier probe of this store found, or null.</summary>
    internal static S3Capabilities? Recall(string endpoint, string bucket)
    {
        try
        {
            string file = FileFor(endpoint, bucket);
            // A store may learn: what was found is believed for a month.
            return File.Exists(file) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < TimeSpan.FromDays(30)
                ? JsonSerializer.Deserialize<S3Capabilities>(File.ReadAllBytes(file))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Remembers what a probe found. A cache that cannot be written only costs the next probe.</summary>
    internal void Remember(string endpoint, string bucket)
    {
        try
        {
            string file = FileFor(endpoint, bucket);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            string temporary = $"{file}.{Guid.NewGuid():n}";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this));
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
