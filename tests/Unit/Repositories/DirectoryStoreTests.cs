using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class DirectoryStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("omnibus-store-").FullName;
    private readonly DirectoryStore _store;

    public DirectoryStoreTests() => _store = new DirectoryStore(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_was_written_is_read_listed_and_removed()
    {
        await PutAsync("a/b/c", "one");
        await PutAsync("a/d", "two");
        Assert.Equal("one", await ReadAsync("a/b/c"));
        Assert.Equal(["a/b/c", "a/d"], await ListAsync(string.Empty, visibleOnly: true));
        Assert.Equal(["a/b/c"], await ListAsync("a/b", visibleOnly: true));
        await _store.DeleteAsync(["a/b/c", "a/not-there"], CancellationToken.None);
        Assert.Null(await _store.FindAsync("a/b/c", CancellationToken.None));
        Assert.False(Directory.Exists(Path.Combine(_root, "a/b")));
    }

    [Fact]
    public async Task A_condition_on_the_tag_lets_only_one_of_two_writers_through()
    {
        await PutAsync("pointer", "0");
        string tag = (await _store.FindAsync("pointer", CancellationToken.None))!.ETag;
        Assert.True((await PutAsync("pointer", "1", PutCondition.Matches(tag))).Stored);
        Assert.False((await PutAsync("pointer", "2", PutCondition.Matches(tag))).Stored);
        Assert.Equal("1", await ReadAsync("pointer"));
    }

    [Fact]
    public async Task A_tag_never_comes_back()
    {
        await PutAsync("pointer", "A");
        var tags = new HashSet<string>();
        for (int i = 0; i < 50; i++)
        {
            string tag = (await _store.FindAsync("pointer", CancellationToken.None))!.ETag;
            Assert.True(tags.Add(tag));
            PutResult put = await PutAsync("pointer", i % 2 == 0 ? "B" : "A", PutCondition.Matches(tag));
            Assert.True(put.Stored);
            Assert.Equal(put.ETag, (await _store.FindAsync("pointer", CancellationToken.None))!.ETag);
        }
    }

    [Fact]
    public async Task Of_many_who_want_to_be_first_exactly_one_is()
    {
        PutResult[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => PutAsync("first", $"{i}", PutCondition.Absent))));
        Assert.Single(results, r => r.Stored);
    }

    [Fact]
    public async Task Many_conditional_writers_lose_no_update()
    {
        await PutAsync("counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var store = new DirectoryStore(_root, durable: false);
            for (int done = 0; done < 10;)
            {
                await using ObjectReading reading = (await store.OpenReadAsync("counter", CancellationToken.None))!;
                int value = int.Parse(await new StreamReader(reading.Content).ReadToEndAsync(), System.Globalization.CultureInfo.InvariantCulture);
                byte[] next = Encoding.ASCII.GetBytes($"{value + 1}");
                done += (await store.PutBytesAsync("counter", next, new PutOptions { Condition = PutCondition.Matches(reading.Object.ETag) }, CancellationToken.None)).Stored ? 1 : 0;
            }
        })));
        Assert.Equal("80", await ReadAsync("counter"));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("a/./b")]
    [InlineData("a\nb")]
    public async Task A_key_that_leaves_the_root_is_refused(string key)
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => PutAsync(key, "x"));
        Assert.Equal("StoreKeyInvalid", error.Id);
    }

    [Fact]
    public async Task Bytes_that_are_not_those_announced_are_not_stored()
    {
        byte[] bytes = [1, 2, 3];
        OmnibusException size = await Assert.ThrowsAsync<OmnibusException>(() => _store.PutAsync("x", () => new MemoryStream(bytes), 4, new PutOptions(), null, CancellationToken.None));
        OmnibusException digest = await Assert.ThrowsAsync<OmnibusException>(() => _store.PutAsync("x", () => new MemoryStream(bytes), 3, new PutOptions { Sha256 = new string('0', 64) }, null, CancellationToken.None));
        Assert.Equal("StoreContentChanged", size.Id);
        Assert.Equal("StoreContentChanged", digest.Id);
        Assert.Empty(Directory.GetFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Hidden_state_is_closed_to_others_and_published_files_are_open_to_them()
    {
        await PutAsync("dists/x", "1");
        await PutAsync(".omnibus/repository.json", "{}");
        UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(_root, ".omnibus")) & others);
        Assert.Equal(others, File.GetUnixFileMode(Path.Combine(_root, "dists")) & others);
        Assert.Equal(UnixFileMode.OtherRead, File.GetUnixFileMode(Path.Combine(_root, "dists/x")) & others);
    }

    [Fact]
    public async Task A_copy_shares_the_bytes_and_survives_the_replacement_of_the_original()
    {
        await PutAsync("by-hash/1", "content");
        Assert.True(await _store.TryCopyAsync("by-hash/1", "plain", new PutOptions(), CancellationToken.None));
        Assert.True(await _store.TryCopyAsync("by-hash/1", "plain", new PutOptions(), CancellationToken.None));
        await PutAsync("by-hash/1", "other");
        Assert.Equal("content", await ReadAsync("plain"));
        Assert.False(await _store.TryCopyAsync("by-hash/2", "plain", new PutOptions(), CancellationToken.None));
    }

    [Fact]
    public void The_staging_folder_of_a_dead_process_is_removed_and_that_of_a_living_one_stays()
    {
        string parent = _store.StagingParent;
        Directory.CreateDirectory(Path.Combine(parent, "dead"));
        File.WriteAllText(Path.Combine(parent, "dead.lock"), string.Empty);
        File.WriteAllText(Path.Combine(parent, "put-dead"), "half");
        DateTime old = DateTime.UtcNow.AddHours(-1);
        using StagingFolder living = StagingFolder.Create(parent);
        foreach (string entry in Directory.GetFileSystemEntries(parent))
        {
            Directory.SetLastWriteTimeUtc(entry, old);
        }

        using StagingFolder next = StagingFolder.Create(parent);
        Assert.False(Directory.Exists(Path.Combine(parent, "dead")));
        Assert.False(File.Exists(Path.Combine(parent, "put-dead")));
        Assert.True(Directory.Exists(living.Path));
        Assert.True(Directory.Exists(next.Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_clear_error()
    {
        OmnibusException error = Assert.Throws<OmnibusException>(() => new DirectoryStore(Path.Combine(_root, "missing")));
        Assert.Equal("StoreNotFound", error.Id);
    }

    private Task<PutResult> PutAsync(string key, string text, PutCondition? condition = null) =>
        _store.PutBytesAsync(key, Encoding.UTF8.GetBytes(text), new PutOptions { Condition = condition ?? PutCondition.Always }, CancellationToken.None);

    private async Task<string?> ReadAsync(string key) =>
        await _store.ReadBytesAsync(key, 1024, CancellationToken.None) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private async Task<List<string>> ListAsync(string prefix, bool visibleOnly)
    {
        var keys = new List<string>();
        await foreach (StoredObject stored in _store.ListAsync(prefix, CancellationToken.None))
        {
            if (!visibleOnly || !stored.Key.StartsWith('.'))
            {
                keys.Add(stored.Key);
            }
        }

        return keys;
    }
}
