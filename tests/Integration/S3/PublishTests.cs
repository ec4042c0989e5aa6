using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Integration.Repositories;
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
    public async Task Apt_installs_from_the_bucket_without_credentials()
    {
        Repository source = await _sandbox.FilledAsync("one", "alpha", "beta");
        PublishResult result = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
        Assert.Equal((2, 0, 0, 1), (result.Added, result.Removed, result.Unchanged, result.Attempts));
        AptRoot apt = await _sandbox.AptAsync(gateway.Endpoint, _place);
        apt.Require("apt-get", "update");
        apt.Require("apt-get", "-y", "install", "alpha", "beta");
        Assert.True(File.Exists(apt.PathOf("root/usr/share/alpha/text")));
        Assert.True(File.Exists(apt.PathOf("root/usr/share/beta/text")));
    }

    [Fact]
    public async Task Dnf_installs_from_the_bucket_without_credentials_and_checks_every_signature()
    {
        Repository source = await _sandbox.FilledYumAsync("one", signed: true, "alpha", "beta");
        PublishResult result = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
        Assert.Equal((2, 0, 0, 1), (result.Added, result.Removed, result.Unchanged, result.Attempts));
        DnfRoot dnf = _sandbox.Dnf(gateway.Endpoint, _place, packagesSigned: true, pointerSigned: true);
        await dnf.RunAsync("install", "alpha", "beta");
        Assert.Equal("alpha", await File.ReadAllTextAsync(Path.Combine(dnf.Root, "opt/alpha/text")));
        Assert.Equal("beta", await File.ReadAllTextAsync(Path.Combine(dnf.Root, "opt/beta/text")));
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

        // No index is fetched twice, and none is sent twice: the plain-named ones are copies.
        Assert.All(proxy.Requests.Where(r => r.Method == "GET").GroupBy(r => r.Target), same => Assert.Single(same));
        Assert.All(proxy.Requests.Where(r => r.Method == "PUT" && r.Target.EndsWith(".gz", StringComparison.Ordinal)), r => Assert.Equal(0, r.Bytes));
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
    public async Task What_is_published_in_a_bucket_is_published_on_to_another_place_and_to_a_folder()
    {
        Repository debs = await _sandbox.FilledAsync("debs", "alpha", "beta");
        Repository rpms = await _sandbox.FilledYumAsync("rpms", signed: true, "alpha", "beta");
        foreach (Repository source in new[] { debs, rpms })
        {
            S3Location first = _place.Below($"first-{source.Type}");
            await PublishSandbox.PublishAsync(source, first.ToString(), gateway.Connect());
            using var store = new S3Store(first, gateway.Connect());
            Repository published = await Repository.OpenAsync(store, _sandbox.Context, default);
            foreach (string destination in new[] { _place.Below($"second-{source.Type}").ToString(), Path.Combine(_sandbox.Root, $"folder-{source.Type}") })
            {
                Assert.Equal(2, (await PublishSandbox.PublishAsync(published, destination, gateway.Connect(), r => r with { PlanOnly = true })).Added);
                Assert.Equal((2, 0), Counts(await PublishSandbox.PublishAsync(published, destination, gateway.Connect())));
                Assert.Equal((0, 2), Counts(await PublishSandbox.PublishAsync(published, destination, gateway.Connect())));
                Repository there = await Repository.OpenAsync(ObjectStores.Open(destination, gateway.Connect()), _sandbox.Context, default);
                await foreach (Finding finding in new RepositoryCheck(there).RunAsync(null, default))
                {
                    Assert.Fail(finding.ToString());
                }
            }
        }

        static (int Added, int Unchanged) Counts(PublishResult result) => (result.Added, result.Unchanged);
    }

    [Fact]
    public async Task An_unchanged_publish_writes_the_files_that_a_killed_one_left_behind_its_pointer()
    {
        foreach ((Repository source, string key) in new[]
        {
            (await _sandbox.FilledAsync("debs", "alpha"), "dists/bookworm/Release"),
            (await _sandbox.FilledYumAsync("rpms", signed: false, "alpha"), "repodata/repomd.xml.asc"),
        })
        {
            S3Location place = _place.Below(source.Type);
            await PublishSandbox.PublishAsync(source, place.ToString(), gateway.Connect());
            using var store = new S3Store(place, gateway.Connect());
            byte[] before = (await store.ReadBytesAsync(key, 1_000_000, default))!;
            await store.DeleteAsync([key], default);
            PublishResult mended = await PublishSandbox.PublishAsync(source, place.ToString(), gateway.Connect());
            Assert.Equal((0, 1), (mended.Added, mended.Unchanged));
            Assert.NotNull(await store.FindAsync(key, default));
            Assert.Equal(3, (await PublishSandbox.PublishAsync(source, place.ToString(), gateway.Connect())).Requests);
        }
    }

    [Fact]
    public async Task A_return_to_a_checkpoint_is_one_pointer_and_moves_no_package()
    {
        Repository first = await _sandbox.FilledAsync("first", "alpha");
        await PublishSandbox.PublishAsync(first, _place.ToString(), gateway.Connect());
        using var proxy = new FaultProxy(gateway.Endpoint);
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        using var store = new S3Store(_place, gateway.Connect(proxy.Endpoint));
        Repository published = await Repository.OpenAsync(store, _sandbox.Context, default);
        var checkpoints = new RepositoryCheckpoints(published);
        await checkpoints.CreateAsync("before", default);
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("second", "beta"), _place.ToString(), gateway.Connect());
        proxy.Reset();
        await checkpoints.RestoreAsync("before", null, default);
        string[] sent = [.. proxy.Requests.Where(r => r.Method == "PUT" && r.Bytes > 0 && !r.Target.Contains("/.omnibus/", StringComparison.Ordinal)).Select(r => Path.GetFileName(r.Target))];
        Assert.Equal(["InRelease", "Release.gpg", "Release"], sent);
        Assert.Equal(["alpha 1.0-1 amd64"], await RepositorySandbox.ListAsync(published));
    }

    [Fact]
    public async Task A_killed_upload_of_a_large_package_goes_on_where_it_stopped()
    {
        Repository source = await _sandbox.RepositoryAsync("large");
        await RepositorySandbox.ImportAsync(source, await _sandbox.LargeDebAsync("large", 70_000_000));
        using var proxy = new FaultProxy(gateway.Endpoint);
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("seed", "seed"), _place.ToString(), gateway.Connect());
        using var kill = new CancellationTokenSource();
        int parts = 0;
        proxy.Decide = request =>
        {
            // Four parts travel at once: the fifth begins when one has arrived.
            if (IsPart(request) && Interlocked.Increment(ref parts) == 5)
            {
                kill.Cancel();
            }

            // Nothing passes any more, until the kill has reached the process.
            return kill.IsCancellationRequested ? Fault.ResetRequest : Fault.None;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ProgramRunner.TryRunAsync(_sandbox.Publisher(proxy.Endpoint, (source, _place)), null, kill.Token));
        proxy.Decide = static _ => Fault.None;
        proxy.Reset();
        PublishResult result = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect(proxy.Endpoint));
        Assert.Equal(1, result.Added);
        Assert.InRange(proxy.Requests.Count(IsPart), 1, 4);
        Assert.InRange(result.BytesSent, 1, 68_000_000);

        // And what is whole already does not travel again at all.
        proxy.Reset();
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("other", "other"), _place.ToString(), gateway.Connect(), r => r with { Mode = PublishMode.Mirror });
        PublishResult back = await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect(proxy.Endpoint));
        Assert.Equal(1, back.Added);
        Assert.InRange(back.BytesSent, 1, 100_000);
        Assert.InRange(proxy.AnswerBytes, 1, 100_000);

        static bool IsPart(ProxiedRequest request) => request.Method == "PUT" && request.Target.Contains("partNumber=", StringComparison.Ordinal);
    }
}
