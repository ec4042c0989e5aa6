using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

[Collection(CephCollection.Name)]
public sealed class PublishTests(CephGateway gateway) : IAsyncLifetime
{
    private PublishSandbox _sandbox = null!;
    private S3Location _place = null!;

    public async Task InitializeAsync()
    {
        _sandbox = await PublishSandbox.CreateAsync();
        _place = await gateway.NewBucketAsync();
    }

    public Task DisposeAsync()
    {
        _sandbox.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_client_installs_from_the_bucket_without_credentials()
    {
        Repository source = await _sandbox.FilledAsync("one", "alpha", "beta");
        PublishResult result = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
        Assert.Equal((2, 0, 0, 1), (result.Added, result.Removed, result.Unchanged, result.Attempts));
        IReadOnlyList<string> options = await _sandbox.AptOptionsAsync(gateway.Endpoint, _place);
        await ProgramRunner.RunAsync(new ProgramCommand("apt-get", [.. options, "update"]));
        await ProgramRunner.RunAsync(new ProgramCommand("apt-get", [.. options, "-y", "--download-only", "install", "alpha", "beta"]));
    }

    [Fact]
    public async Task An_unchanged_publish_costs_three_requests_and_one_more_package_ten_writes_and_no_listing()
    {
        Repository source = await _sandbox.FilledAsync("one", "alpha", "beta");
        await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
        PublishResult again = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
        Assert.Equal((0, 2), (again.Added, again.Unchanged));
        Assert.InRange(again.Requests, 1, 3);

        await RepositorySandbox.ImportAsync(source, await _sandbox.DebAsync("gamma"));
        using var proxy = new FaultProxy(gateway.Endpoint);
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        proxy.Reset();
        PublishResult more = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect(proxy.Endpoint));
        Assert.Equal((1, 2), (more.Added, more.Unchanged));
        Assert.True(proxy.Requests.Count(r => r.IsWrite) <= 10, string.Join('\n', proxy.Requests));
        Assert.DoesNotContain(proxy.Requests, r => r.Target.Contains("list-type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_sends_nothing()
    {
        Repository source = await _sandbox.FilledAsync("one", "alpha");
        using var proxy = new FaultProxy(gateway.Endpoint);
        PublishResult plan = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect(proxy.Endpoint), r => r with { PlanOnly = true });
        Assert.Equal(["alpha 1.0-1 amd64"], plan.Changes.Select(c => c.Package.ToString()));
        Assert.DoesNotContain(proxy.Requests, r => r.IsWrite);
        using var store = new S3Store(_place, gateway.Connect());
        Assert.Empty(await RepositorySandbox.VisibleKeysAsync(store));
    }

    [Fact]
    public async Task The_ancestors_keys_come_out_for_a_test_version_and_a_release()
    {
        Repository source = await _sandbox.RepositoryAsync("flocker", c => c with { Distribution = "ubuntu-14.04", Layout = RepositoryLayout.Flat });
        foreach (string version in new[] { "0.3.3-0.dev.1", "0.3.3-1" })
        {
            await RepositorySandbox.ImportAsync(source, await _sandbox.DebAsync("clusterhq-python-flocker", version), await _sandbox.DebAsync("clusterhq-flocker-cli", version, "all"));
        }

        var destinations = new List<string>();
        var request = new PublishRequest(source, $"s3://{_place.Bucket}") { Connection = gateway.Connect() };
        await foreach (PublishResult result in RepositoryPublisher.PublishAsync(request, null, CancellationToken.None))
        {
            destinations.Add(result.Destination);
        }

        Assert.Equal([$"s3://{_place.Bucket}/ubuntu-testing/14.04/amd64", $"s3://{_place.Bucket}/ubuntu/14.04/amd64"], destinations.Order(StringComparer.Ordinal));
        using var store = new S3Store(_place with { Prefix = string.Empty }, gateway.Connect());
        List<string> keys = [.. (await RepositorySandbox.VisibleKeysAsync(store)).Where(k => !k.Contains("/by-hash/", StringComparison.Ordinal) && !k.Contains("/.omnibus/", StringComparison.Ordinal))];
        foreach ((string folder, string version) in new[] { ("ubuntu-testing", "0.3.3-0.dev.1"), ("ubuntu", "0.3.3-1") })
        {
            foreach (string file in new[] { $"clusterhq-python-flocker_{version}_amd64.deb", $"clusterhq-flocker-cli_{version}_all.deb", "Packages.gz", "Release" })
            {
                Assert.Contains($"{folder}/14.04/amd64/{file}", keys);
            }

            Assert.Equal(2, keys.Count(k => k.StartsWith(folder + "/", StringComparison.Ordinal) && k.EndsWith(".deb", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Mirror_takes_out_what_the_source_has_no_more_and_merge_keeps_it()
    {
        Repository first = await _sandbox.FilledAsync("first", "alpha", "beta");
        Repository second = await _sandbox.FilledAsync("second", "gamma");
        await PublishSandbox.PublishAsync(first, _place.ToString(), gateway.Connect());
        await PublishSandbox.PublishAsync(second, _place.ToString(), gateway.Connect());
        Assert.Equal(3, (await PublishSandbox.ListAsync(_place, gateway.Connect(), _sandbox.Context)).Count);
        PublishResult mirrored = await PublishSandbox.PublishAsync(second, _place.ToString(), gateway.Connect(), r => r with { Mode = PublishMode.Mirror });
        Assert.Equal((0, 2, 1), (mirrored.Added, mirrored.Removed, mirrored.Unchanged));
        Assert.Equal(["gamma 1.0-1 amd64"], await PublishSandbox.ListAsync(_place, gateway.Connect(), _sandbox.Context));
    }

    [Fact]
    public async Task Other_bytes_of_a_published_version_are_a_conflict_and_change_nothing()
    {
        Repository first = await _sandbox.FilledAsync("first", "alpha");
        Repository second = await _sandbox.RepositoryAsync("second");
        await RepositorySandbox.ImportAsync(second, await _sandbox.DebAsync("alpha", text: "other"), await _sandbox.DebAsync("beta"));
        PublishResult before = await PublishSandbox.PublishAsync(first, _place.ToString(), gateway.Connect());
        OmnibusException conflict = await Assert.ThrowsAsync<OmnibusException>(() => PublishSandbox.PublishAsync(second, _place.ToString(), gateway.Connect()));
        Assert.Equal("RepositoryPackageConflict", conflict.Id);
        Assert.Equal(["alpha 1.0-1 amd64"], await PublishSandbox.ListAsync(_place, gateway.Connect(), _sandbox.Context));
        Assert.Equal(before.PointerETag, (await PublishSandbox.PublishAsync(first, _place.ToString(), gateway.Connect())).PointerETag);
    }

    [Fact]
    public async Task What_Omnibus_did_not_make_is_not_touched()
    {
        using (var store = new S3Store(_place, gateway.Connect()))
        {
            await store.PutBytesAsync("dists/bookworm/InRelease", "somebody else's"u8.ToArray(), new PutOptions(), default);
        }

        Repository source = await _sandbox.FilledAsync("one", "alpha");
        Assert.Equal("PublishDestinationForeign", (await Assert.ThrowsAsync<OmnibusException>(() => PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect()))).Id);
        Assert.Equal("StoreNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => PublishSandbox.PublishAsync(source, "s3://no-such-bucket-here/x", gateway.Connect()))).Id);
    }
}
