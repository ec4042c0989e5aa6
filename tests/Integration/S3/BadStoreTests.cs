using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

/// <summary>Stores and places that cannot be published to: a clear error by id, with advice, and nothing changed.</summary>
[Collection(CephCollection.Name)]
public sealed class BadStoreTests(CephGateway gateway) : IAsyncLifetime
{
    private PublishSandbox _sandbox = null!;
    private S3Location _place = null!;
    private Repository _source = null!;

    public async Task InitializeAsync()
    {
        _sandbox = await PublishSandbox.CreateAsync();
        _place = await gateway.NewBucketAsync();
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("first", "alpha"), _place.ToString(), gateway.Connect());
        _source = await _sandbox.FilledAsync("second", "beta");
    }

    public Task DisposeAsync()
    {
        _sandbox.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_bucket_that_is_not_there() =>
        await RefusedAsync("StoreNotFound", gateway.Connect(), "s3://no-such-bucket-here/archive");

    [Fact]
    public async Task A_user_who_may_not_write_there()
    {
        await RefusedAsync("StoreAccessDenied", gateway.Connect() with { ProfileName = CephGateway.StrangerProfile });
        await RefusedAsync("StoreAccessDenied", gateway.Connect() with { ProfileName = CephGateway.StrangerProfile }, _place.Below("elsewhere").ToString());
    }

    [Fact]
    public async Task A_wrong_secret() =>
        await RefusedAsync("StoreCredentialsRefused", gateway.Connect() with { ProfileName = CephGateway.WrongSecretProfile });

    [Fact]
    public async Task A_bucket_of_another_region()
    {
        using var proxy = new FaultProxy(gateway.Endpoint) { Decide = static _ => Fault.WrongRegion };
        OmnibusException error = await RefusedAsync("StoreRegionWrong", gateway.Connect(proxy.Endpoint));
        Assert.Contains("eu-central-1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_two_hours_ahead()
    {
        List<string> before = await EverythingAsync();
        ProgramCommand publisher = _sandbox.Publisher(gateway.Endpoint, (_source, _place));
        ProgramResult result = await ProgramRunner.TryRunAsync(publisher with
        {
            Program = "faketime",
            Arguments = ["-f", "+2h", publisher.Program, .. publisher.Arguments],
            Environment = new Dictionary<string, string?>(publisher.Environment) { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" },
        });
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.StartsWith("StoreClockSkew:", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 24\r\nConnection: close\r\n\r\n<html>Not here</html>\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 24\r\nConnection: close\r\n\r\n<html>Welcome!</html>\r\n\r\n")]
    public async Task A_web_server_that_is_no_store(string answer)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        _ = AnswerAsync(server, System.Text.Encoding.ASCII.GetBytes(answer));
        await RefusedAsync("StoreNotS3", gateway.Connect(new Uri($"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}")) with { Retries = 0 });
    }

    [Fact]
    public async Task A_server_of_another_protocol()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        _ = AnswerAsync(server, "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
        await RefusedAsync("StoreUnreachable", gateway.Connect(new Uri($"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}")) with { Retries = 0 });
    }

    [Fact]
    public async Task A_prefix_that_holds_a_repository_of_another_maker()
    {
        S3Location place = _place.Below("foreign");
        using (var store = new S3Store(place, gateway.Connect()))
        {
            await store.PutBytesAsync("dists/bookworm/InRelease", "somebody else's"u8.ToArray(), new PutOptions(), default);
        }

        await RefusedAsync("PublishDestinationForeign", gateway.Connect(), place.ToString());
    }

    [Fact]
    public async Task A_prefix_that_holds_a_repository_of_another_type()
    {
        Repository rpms = await _sandbox.FilledYumAsync("rpms", signed: false, "gamma");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => PublishSandbox.PublishAsync(rpms, _place.ToString(), gateway.Connect()));
        Assert.Equal("RepositoryTypeMismatch", error.Id);
    }

    [Fact]
    public async Task A_store_that_ignores_conditions()
    {
        using var proxy = new FaultProxy(gateway.Endpoint) { Decide = static _ => Fault.HideRefusal };
        await RefusedAsync("StoreConditionsIgnored", gateway.Connect(proxy.Endpoint));
        PublishResult accepted = await PublishSandbox.PublishAsync(_source, _place.ToString(), gateway.Connect(proxy.Endpoint) with { AllowUnsafeStore = true });
        Assert.Equal(1, accepted.Added);
    }

    [Fact]
    public async Task A_pointer_that_is_signed_by_an_unknown_key()
    {
        using PublishSandbox stranger = await PublishSandbox.CreateAsync();
        Repository theirs = await stranger.FilledAsync("theirs", "gamma");
        PublishedPointer pointer = (await theirs.ReadPointerAsync(default))!;
        using (var store = new S3Store(_place, gateway.Connect()))
        {
            await store.PutBytesAsync(pointer.Key, pointer.Content, new PutOptions(), default);
            foreach (Omnibus.Core.Repositories.IndexReference index in theirs.Format.ReadIndexReferences(theirs.Configuration, pointer))
            {
                await store.PutBytesAsync(index.Key, (await theirs.Store.ReadBytesAsync(index.Key, 1_000_000, default))!, new PutOptions(), default);
            }
        }

        await RefusedAsync("RepositorySignerUnknown", gateway.Connect());
    }

    [Fact]
    public async Task An_index_that_does_not_match_its_digest()
    {
        using (var store = new S3Store(_place, gateway.Connect()))
        {
            Repository published = await Repository.OpenAsync(store, _sandbox.Context, default);
            PublishedPointer pointer = (await published.ReadPointerAsync(default))!;
            foreach (IndexReference index in published.Format.ReadIndexReferences(published.Configuration, pointer))
            {
                byte[] content = (await store.ReadBytesAsync(index.Key, 1_000_000, default))!;
                content[^1] ^= 1;
                await store.PutBytesAsync(index.Key, content, new PutOptions(), default);
            }
        }

        await RefusedAsync("RepositoryIndexMismatch", gateway.Connect());
    }

    // The error, with everything below the bucket as it was.
    private async Task<OmnibusException> RefusedAsync(string id, S3Connection connection, string? destination = null)
    {
        List<string> before = await EverythingAsync();
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => PublishSandbox.PublishAsync(_source, destination ?? _place.ToString(), connection));
        Assert.True(error.Id == id, error.ToString());
        Assert.False(string.IsNullOrEmpty(error.Advice), error.ToString());
        Assert.DoesNotContain(gateway.SecretKey, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.WrongSecret, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync());
        return error;
    }

    private async Task<List<string>> EverythingAsync()
    {
        using var store = new S3Store(_place with { Prefix = string.Empty }, gateway.Connect());
        var all = new List<string>();
        await foreach (StoredObject stored in store.ListAsync(string.Empty, default))
        {
            all.Add($"{stored.Key} {stored.ETag} {stored.ModifiedTime:O}");
        }

        return all;
    }

    private static async Task AnswerAsync(TcpListener server, byte[] answer)
    {
        try
        {
            while (true)
            {
                using Socket client = await server.AcceptSocketAsync();
                await client.ReceiveAsync(new byte[16 * 1024]);
                await client.SendAsync(answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }
}
