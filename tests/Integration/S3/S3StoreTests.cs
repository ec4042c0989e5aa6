using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.S3;

[Collection(CephCollection.Name)]
public sealed class S3StoreTests(CephGateway gateway) : IAsyncLifetime
{
    private const int PartSize = 5 * 1024 * 1024;

    private S3Location _place = null!;

    public async Task InitializeAsync() => _place = await gateway.NewBucketAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task An_object_comes_back_as_it_was_written_with_its_headers()
    {
        using S3Store store = Open();
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        PutResult put = await WriteAsync(store, "pool/a_1.0_all.deb", content, new PutOptions { Immutable = true, Sha256 = Hex(content) });
        StoredObject found = Assert.IsType<StoredObject>(await store.FindAsync("pool/a_1.0_all.deb", default));
        Assert.Equal((content.Length, put.ETag), (found.Size, found.ETag));
        Assert.Equal(content, await ReadAsync(store, "pool/a_1.0_all.deb"));
        using var anyone = new HttpClient();
        using HttpResponseMessage answer = await anyone.GetAsync(new Uri(gateway.Endpoint, $"{_place.Bucket}/archive/pool/a_1.0_all.deb"));
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
        Assert.Equal("application/vnd.debian.binary-package", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_can_be_deleted()
    {
        using S3Store store = Open();
        Assert.Null(await store.FindAsync("nothing", default));
        Assert.Null(await store.OpenReadAsync("nothing", default));
        await store.DeleteAsync(["nothing", "nothing/else"], default);
    }

    [Fact]
    public async Task A_conditional_write_holds_only_for_the_tag_that_is_there()
    {
        using S3Store store = Open();
        PutResult first = await WriteAsync(store, "InRelease", [1], new PutOptions { Condition = PutCondition.Absent });
        Assert.True(first.Stored);
        Assert.False((await WriteAsync(store, "InRelease", [2], new PutOptions { Condition = PutCondition.Absent })).Stored);
        PutResult second = await WriteAsync(store, "InRelease", [3], new PutOptions { Condition = PutCondition.Matches(first.ETag!) });
        Assert.True(second.Stored);
        Assert.False((await WriteAsync(store, "InRelease", [4], new PutOptions { Condition = PutCondition.Matches(first.ETag!) })).Stored);
        Assert.False((await WriteAsync(store, "missing", [4], new PutOptions { Condition = PutCondition.Matches(first.ETag!) })).Stored);
        Assert.Equal([3], await ReadAsync(store, "InRelease"));
    }

    [Fact]
    public async Task Of_many_writers_at_once_each_round_has_one_winner()
    {
        using S3Store store = Open();
        await WriteAsync(store, "pointer", [0], new PutOptions());
        for (int round = 0; round < 5; round++)
        {
            string etag = (await store.FindAsync("pointer", default))!.ETag;
            PutResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                WriteAsync(store, "pointer", [(byte)round, (byte)writer], new PutOptions { Condition = PutCondition.Matches(etag) })));
            Assert.Single(results, r => r.Stored);
        }
    }

    [Fact]
    public async Task A_large_object_travels_in_parts()
    {
        using S3Store store = Open(partSize: 5 * 1024 * 1024);
        byte[] content = RandomNumberGenerator.GetBytes(13_000_000);
        long sent = 0;
        await store.PutAsync("big", () => new MemoryStream(content), content.Length, new PutOptions(), new Report(n => Interlocked.Add(ref sent, n)), default);
        Assert.Equal(Hex(content), Hex(await ReadAsync(store, "big")));
        Assert.Equal(content.Length, sent);
    }

    [Fact]
    public async Task Listing_gives_keys_below_the_prefix_only()
    {
        using S3Store store = Open();
        foreach (string key in new[] { "a/1", "a/2", "b/1" })
        {
            await WriteAsync(store, key, [1], new PutOptions());
        }

        var found = new List<string>();
        await foreach (StoredObject item in store.ListAsync("a/", default))
        {
            found.Add(item.Key);
        }

        Assert.Equal(["a/1", "a/2"], found);
    }

    [Fact]
    public async Task A_lost_answer_to_a_conditional_write_that_took_effect_is_a_success()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint);
        await store.GetCapabilitiesAsync(default);
        int lost = 0;
        proxy.Decide = r => r.Method == "PUT" && Interlocked.Exchange(ref lost, 1) == 0 ? Fault.LoseResponse : Fault.None;
        PutResult result = await WriteAsync(store, "InRelease", [1], new PutOptions { Condition = PutCondition.Absent });
        Assert.True(result.Stored);
        Assert.Equal(1, lost);
        Assert.Equal((await store.FindAsync("InRelease", default))!.ETag, result.ETag);
    }

    [Theory]
    [InlineData(Fault.ResetRequest)]
    [InlineData(Fault.SlowDown)]
    [InlineData(Fault.InternalError)]
    [InlineData(Fault.LoseResponse)]
    public async Task A_write_that_fails_twice_is_repeated(Fault fault)
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint);
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        proxy.Decide = r => r.Number <= 2 ? fault : Fault.None;
        Assert.True((await WriteAsync(store, "pool/x.deb", content, new PutOptions())).Stored);
        Assert.Equal(content, await ReadAsync(store, "pool/x.deb"));
        Assert.True(proxy.Requests.Count >= 3);
    }

    [Fact]
    public async Task A_read_that_breaks_goes_on_where_it_broke()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint);
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        await WriteAsync(store, "big", content, new PutOptions());
        proxy.Reset();
        proxy.Decide = r => r.Number <= 3 ? Fault.ResetResponse : Fault.None;
        Assert.Equal(Hex(content), Hex(await ReadAsync(store, "big")));
        Assert.Equal(4, proxy.Requests.Count);
    }

    [Fact]
    public async Task Wrong_places_and_credentials_are_clear_errors()
    {
        await ThrowsAsync("StoreNotFound", new S3Location("no-such-bucket-here", string.Empty), gateway.Connect());
        await ThrowsAsync("StoreUnreachable", _place, gateway.Connect(new Uri($"http://127.0.0.1:{FreePort.Next()}")) with { Retries = 0 });
        await ThrowsAsync("StoreProfileUnknown", _place, gateway.Connect() with { ProfileName = "no-such-profile" });
    }

    [Fact]
    public async Task An_upload_in_parts_that_was_broken_off_goes_on_with_the_parts_that_are_there()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint, PartSize, retries: 0);
        await store.GetCapabilitiesAsync(default);
        byte[] content = RandomNumberGenerator.GetBytes((4 * PartSize) + 1000);
        int parts = 0;
        proxy.Decide = r => IsPart(r) && Interlocked.Increment(ref parts) > 3 ? Fault.ResetRequest : Fault.None;
        await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(store, "pool/big.deb", content, Once(content)));
        Assert.Null(await store.FindAsync("pool/big.deb", default));

        proxy.Decide = static _ => Fault.None;
        proxy.Reset();
        long reported = 0;
        PutResult result = await store.PutAsync("pool/big.deb", () => new MemoryStream(content), content.Length, Once(content), new Report(n => Interlocked.Add(ref reported, n)), default);
        Assert.True(result.Stored);
        Assert.Equal(2, proxy.Requests.Count(IsPart));
        Assert.DoesNotContain(proxy.Requests, r => r.Target.Contains("list-type", StringComparison.Ordinal) || r.Target.EndsWith("?uploads", StringComparison.Ordinal));
        Assert.InRange(result.BytesSent!.Value, 1, 2 * PartSize);
        Assert.Equal(content.Length, reported);
        Assert.Equal(Hex(content), Hex(await ReadAsync(store, "pool/big.deb")));
        Assert.Equal(Hex(content), (await store.FindAsync("pool/big.deb", default))!.Sha256);
        Assert.Empty(await UploadsAsync(store));
    }

    [Fact]
    public async Task Parts_that_hold_other_bytes_are_sent_again()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint, PartSize, retries: 0);
        await store.GetCapabilitiesAsync(default);
        byte[] content = RandomNumberGenerator.GetBytes(3 * PartSize);
        byte[] damaged = [.. content];
        damaged[PartSize + 5] ^= 1;
        proxy.Decide = static r => r.Method == "POST" && r.Target.Contains("uploadId", StringComparison.Ordinal) ? Fault.InternalError : Fault.None;
        await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(store, "pool/big.deb", damaged, Once(content)));
        proxy.Decide = static _ => Fault.None;
        proxy.Reset();
        Assert.True((await WriteAsync(store, "pool/big.deb", content, Once(content))).Stored);
        Assert.Equal(1, proxy.Requests.Count(IsPart));
        Assert.Equal(Hex(content), Hex(await ReadAsync(store, "pool/big.deb")));
    }

    [Fact]
    public async Task An_upload_in_parts_gives_way_to_what_is_there_and_to_an_upload_of_other_bytes()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        using S3Store store = Open(proxy.Endpoint, PartSize, retries: 0);
        await store.GetCapabilitiesAsync(default);
        byte[] first = RandomNumberGenerator.GetBytes(2 * PartSize);
        byte[] other = RandomNumberGenerator.GetBytes(2 * PartSize);
        proxy.Decide = static r => IsPart(r) ? Fault.ResetRequest : Fault.None;
        await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(store, "pool/big.deb", first, Once(first)));
        proxy.Decide = static _ => Fault.None;
        Assert.False((await WriteAsync(store, "pool/big.deb", other, Once(other))).Stored);
        Assert.Null(await store.FindAsync("pool/big.deb", default));
        PutResult[] both = await Task.WhenAll(WriteAsync(store, "pool/big.deb", first, Once(first)), WriteAsync(store, "pool/big.deb", first, Once(first)));
        Assert.Contains(both, r => r.Stored);
        Assert.False((await WriteAsync(store, "pool/big.deb", other, Once(other))).Stored);
        Assert.Equal(Hex(first), Hex(await ReadAsync(store, "pool/big.deb")));
        Assert.Empty(await UploadsAsync(store));
    }

    [Fact]
    public async Task Uploads_that_nobody_finished_are_given_up_after_their_time()
    {
        using var proxy = new FaultProxy(gateway.Endpoint) { Decide = static r => IsPart(r) && r.Target.Contains("partNumber=2", StringComparison.Ordinal) ? Fault.ResetRequest : Fault.None };
        using S3Store store = Open(proxy.Endpoint, PartSize, retries: 0);
        byte[] content = RandomNumberGenerator.GetBytes(2 * PartSize);
        await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(store, "pool/big.deb", content, Once(content)));
        await store.AbandonUploadsAsync(DateTimeOffset.UtcNow.AddHours(-1), default);
        Assert.Single(await UploadsAsync(store));
        await store.AbandonUploadsAsync(DateTimeOffset.UtcNow.AddHours(1), default);
        Assert.Empty(await UploadsAsync(store));
        proxy.Reset();
        proxy.Decide = static _ => Fault.None;
        Assert.True((await WriteAsync(store, "pool/big.deb", content, Once(content))).Stored);
        Assert.Equal(2, proxy.Requests.Count(IsPart));
    }

    [Fact]
    public async Task An_object_is_readable_for_everyone_by_its_acl_when_that_is_asked_for()
    {
        // Beside the prefix that the bucket's policy opens.
        S3Location place = _place with { Prefix = "elsewhere" };
        using var hidden = new S3Store(place, gateway.Connect());
        using var open = new S3Store(place, gateway.Connect() with { PublicRead = true, PartSize = PartSize });
        await WriteAsync(hidden, "hidden", [1], new PutOptions());
        await WriteAsync(open, "open", [1], new PutOptions());
        byte[] large = new byte[PartSize + 1];
        await WriteAsync(open, "large", large, Once(large));
        await open.TryCopyAsync("hidden", "copied", new PutOptions(), default);
        using var anyone = new HttpClient();
        foreach ((string key, bool readable) in new[] { ("hidden", false), ("open", true), ("large", true), ("copied", true) })
        {
            using HttpResponseMessage answer = await anyone.GetAsync(new Uri(gateway.Endpoint, $"{place.Bucket}/{place.Prefix}/{key}"));
            Assert.True(answer.IsSuccessStatusCode == readable, $"{key}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_copy_is_made_by_the_store_itself()
    {
        using S3Store store = Open();
        await WriteAsync(store, "dists/by-hash/1", [1, 2, 3], new PutOptions { Immutable = true });
        long sent = store.Usage.BytesSent;
        Assert.True(await store.TryCopyAsync("dists/by-hash/1", "dists/Packages.gz", new PutOptions(), default));
        Assert.Equal(sent, store.Usage.BytesSent);
        Assert.Equal([1, 2, 3], await ReadAsync(store, "dists/Packages.gz"));
        Assert.False(await store.TryCopyAsync("dists/by-hash/2", "dists/Packages.xz", new PutOptions(), default));
        using var anyone = new HttpClient();
        using HttpResponseMessage answer = await anyone.GetAsync(new Uri(gateway.Endpoint, $"{_place.Bucket}/archive/dists/Packages.gz"));
        Assert.Equal("no-cache", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
    }

    private static async Task ThrowsAsync(string id, S3Location place, S3Connection connection)
    {
        OmnibusException e = await Assert.ThrowsAsync<OmnibusException>(async () =>
        {
            using var store = new S3Store(place, connection);
            await ReadAsync(store, "InRelease");
        });
        Assert.Equal(id, e.Id);
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!, e.ToString(), StringComparison.Ordinal);
    }

    private static Task<PutResult> WriteAsync(S3Store store, string key, byte[] content, PutOptions options) =>
        store.PutAsync(key, () => new MemoryStream(content), content.Length, options, null, default);

    private static async Task<byte[]> ReadAsync(S3Store store, string key)
    {
        await using ObjectReading? reading = await store.OpenReadAsync(key, default);
        var memory = new MemoryStream();
        await (reading ?? throw new InvalidOperationException($"{key} is missing")).Content.CopyToAsync(memory);
        return memory.ToArray();
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static PutOptions Once(byte[] content) => new() { Condition = PutCondition.Absent, Immutable = true, Sha256 = Hex(content) };

    private static bool IsPart(ProxiedRequest request) => request.Method == "PUT" && request.Target.Contains("partNumber=", StringComparison.Ordinal);

    // What is recorded of uploads under way.
    private static async Task<List<string>> UploadsAsync(S3Store store)
    {
        var found = new List<string>();
        await foreach (StoredObject item in store.ListAsync(".omnibus/uploads/", default))
        {
            found.Add(item.Key);
        }

        return found;
    }

    private S3Store Open(Uri? endpoint = null, long partSize = 16 * 1024 * 1024, int retries = 6) => new(_place, gateway.Connect(endpoint) with { PartSize = partSize, Retries = retries });

    private sealed class Report(Action<long> action) : IProgress<long>
    {
        void IProgress<long>.Report(long value) => action(value);
    }
}
