using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Integration.Repositories;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

[Collection(CephCollection.Name)]
public sealed class ManyPublishersTests(CephGateway gateway) : IAsyncLifetime
{
    private const int Publishers = 16;
    private const int PackagesEach = 25;

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
    public async Task Sixteen_publishers_at_once_lose_nothing_and_clients_never_see_a_mismatch() =>
        await PublishAtOnceAsync(gateway.Endpoint);

    [Fact]
    public async Task Sixteen_publishers_over_a_bad_line_lose_nothing_either()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        // Every seventh request fails in one of five ways, in turn.
        Fault[] faults = [Fault.ResetRequest, Fault.LoseResponse, Fault.SlowDown, Fault.ResetResponse, Fault.InternalError];
        proxy.Latency = TimeSpan.FromMilliseconds(2);
        proxy.Decide = request => request.Number % 7 == 0 ? faults[request.Number / 7 % faults.Length] : Fault.None;
        await PublishAtOnceAsync(proxy.Endpoint);
    }

    [Fact]
    public async Task A_publisher_killed_at_any_request_leaves_a_whole_state_and_the_next_ones_finish_without_an_orphan()
    {
        // Whatever is superseded goes with the next publication: what is left then nobody would ever remove.
        static RepositoryConfiguration Hasty(RepositoryConfiguration c) => c with { GracePeriod = TimeSpan.Zero, KeepGenerations = 1 };
        using var proxy = new FaultProxy(gateway.Endpoint);
        Repository first = await _sandbox.FilledAsync("first", Hasty, "alpha");
        Repository second = await _sandbox.FilledAsync("second", Hasty, "beta", "gamma");
        Repository third = await _sandbox.FilledAsync("third", Hasty, "delta");
        int total = await CountRequestsAsync(proxy, first, second);
        Assert.InRange(total, 5, 60);

        // A place of its own for each round: what an earlier one finished must not shorten the next.
        await Parallel.ForEachAsync(Enumerable.Range(1, total), async (at, _) => await PublishSandbox.PublishAsync(first, _place.Below($"round-{at}").ToString(), gateway.Connect()));
        for (int at = 1; at <= total; at++)
        {
            S3Location place = _place.Below($"round-{at}");
            await KillAtAsync(proxy, second, place, at);
            List<string> seen = await PublishSandbox.ListAsync(place, gateway.Connect(), _sandbox.Context);
            Assert.True(seen.Count is 1 or 3, $"killed at request {at}: {string.Join(", ", seen)}");
        }

        AptRoot apt = await _sandbox.AptAsync(gateway.Endpoint, _place.Below($"round-{total}"));
        apt.Require("apt-get", "update");
        await Parallel.ForEachAsync(Enumerable.Range(1, total), async (at, _) => await FinishAsync(_place.Below($"round-{at}"), second, third));
        apt.Require("apt-get", "update");
        Assert.Equal(4, apt.Require("apt-cache", "pkgnames").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Of_two_publishers_of_other_bytes_at_once_one_wins_and_the_other_is_told_the_conflict()
    {
        Repository[] sources = [await _sandbox.RepositoryAsync("one"), await _sandbox.RepositoryAsync("two")];
        await RepositorySandbox.ImportAsync(sources[0], await _sandbox.DebAsync("same", text: "one"), await _sandbox.DebAsync("alpha"));
        await RepositorySandbox.ImportAsync(sources[1], await _sandbox.DebAsync("same", text: "two"), await _sandbox.DebAsync("beta"));
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("seed", "seed"), _place.ToString(), gateway.Connect());
        OmnibusException?[] errors = await Task.WhenAll(sources.Select(async source =>
        {
            try
            {
                await PublishSandbox.PublishAsync(source, _place.ToString(), gateway.Connect());
                return null;
            }
            catch (OmnibusException e)
            {
                return e;
            }
        }));
        OmnibusException error = Assert.Single(errors, e => e is not null)!;
        Assert.True(error.Id == "RepositoryPackageConflict", error.ToString());
        int winner = Array.IndexOf(errors, null);
        string[] expected = ["same 1.0-1 amd64", "seed 1.0-1 amd64", winner == 0 ? "alpha 1.0-1 amd64" : "beta 1.0-1 amd64"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await PublishSandbox.ListAsync(_place, gateway.Connect(), _sandbox.Context)).Order(StringComparer.Ordinal));
    }

    private async Task FinishAsync(S3Location place, Repository second, Repository third)
    {
        await PublishSandbox.PublishAsync(second, place.ToString(), gateway.Connect());
        using var store = new S3Store(place, gateway.Connect());
        Repository published = await Repository.OpenAsync(store, _sandbox.Context, CancellationToken.None);
        PublishedPointer before = (await published.ReadPointerAsync(CancellationToken.None))!;
        await PublishSandbox.PublishAsync(third, place.ToString(), gateway.Connect());
        PublishedPointer after = (await published.ReadPointerAsync(CancellationToken.None))!;
        Assert.Equal(4, (await RepositorySandbox.ListAsync(published)).Count);

        HashSet<string> known = [after.Key, .. published.Format.CompanionKeys(published.Configuration, after)];
        known.UnionWith(published.Format.ReadIndexReferences(published.Configuration, after).Select(i => i.Key));
        known.UnionWith(published.Format.ReadIndexReferences(published.Configuration, before).Select(i => i.Key));
        await foreach (PublishedPackage package in published.ReadPackagesAsync(after, CancellationToken.None))
        {
            known.Add(package.Key);
        }

        Assert.Empty((await RepositorySandbox.VisibleKeysAsync(store)).Except(known));
    }

    private async Task<int> CountRequestsAsync(FaultProxy proxy, Repository first, Repository second)
    {
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        S3Location place = _place.Below("counted");
        await PublishSandbox.PublishAsync(first, place.ToString(), gateway.Connect());
        proxy.Reset();
        await ProgramRunner.RunAsync(_sandbox.Publisher(proxy.Endpoint, (second, place)));
        return proxy.Requests.Count;
    }

    private async Task KillAtAsync(FaultProxy proxy, Repository source, S3Location place, int at)
    {
        using var kill = new CancellationTokenSource();
        proxy.Reset();
        proxy.Decide = request =>
        {
            if (request.Number == at)
            {
                // The process dies while the store carries this request out.
                kill.Cancel();
                return Fault.LoseResponse;
            }

            return request.Number > at ? Fault.ResetRequest : Fault.None;
        };
        try
        {
            await ProgramRunner.TryRunAsync(_sandbox.Publisher(proxy.Endpoint, (source, place)), null, kill.Token);
        }
        catch (OperationCanceledException)
        {
        }

        proxy.Decide = static _ => Fault.None;
    }

    private async Task PublishAtOnceAsync(Uri endpoint)
    {
        (S3Location debs, S3Location rpms) = (_place.Below("debs"), _place.Below("rpms"));
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("deb-seed", "seed"), debs.ToString(), gateway.Connect());
        await PublishSandbox.PublishAsync(await _sandbox.FilledYumAsync("rpm-seed", signed: false, "seed"), rpms.ToString(), gateway.Connect());
        ProgramCommand[] publishers = await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async number =>
        {
            string[] names = [.. Enumerable.Range(0, PackagesEach).Select(i => $"package-{number:00}-{i:00}")];
            return _sandbox.Publisher(
                endpoint,
                (await _sandbox.FilledAsync($"debs-{number}", names), debs),
                (await _sandbox.FilledYumAsync($"rpms-{number}", signed: false, names), rpms));
        }));

        AptRoot apt = await _sandbox.AptAsync(gateway.Endpoint, debs);
        DnfRoot dnf = _sandbox.Dnf(gateway.Endpoint, rpms, packagesSigned: false, pointerSigned: false);
        using var done = new CancellationTokenSource();
        Task<int>[] clients = [PollAsync(() => Task.Run(() => apt.Require("apt-get", "update")), done.Token), PollAsync(() => dnf.RunAsync("makecache"), done.Token)];
        ProgramResult[] results = await Task.WhenAll(publishers.Select(publisher => ProgramRunner.TryRunAsync(publisher)));
        await done.CancelAsync();
        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.StandardError));
        Assert.All(await Task.WhenAll(clients), rounds => Assert.True(rounds > 0, "The client never ran."));

        foreach (S3Location place in new[] { debs, rpms })
        {
            List<string> listed = await PublishSandbox.ListAsync(place, gateway.Connect(), _sandbox.Context);
            Assert.Equal((Publishers * PackagesEach) + 1, listed.Distinct().Count());
            using var store = new S3Store(place, gateway.Connect());
            var check = new RepositoryCheck(await Repository.OpenAsync(store, _sandbox.Context, CancellationToken.None));
            await foreach (Finding finding in check.RunAsync(null, CancellationToken.None))
            {
                Assert.True(finding.Severity != FindingSeverity.Error, $"{finding.Id}: {finding.Message}");
            }
        }

        apt.Require("apt-get", "update");
        Assert.Equal(Publishers * PackagesEach, Packages(apt.Require("apt-cache", "pkgnames", "package-")));
        Assert.Equal(Publishers * PackagesEach, Packages(await _sandbox.Dnf(gateway.Endpoint, rpms, packagesSigned: false, pointerSigned: true).RunAsync("repoquery", "-q", "package-*")));
    }

    private static int Packages(string output) => output.Split('\n').Count(line => line.StartsWith("package-", StringComparison.Ordinal));

    // A client that looks again and again, and fails the test as soon as what it sees does not fit together.
    private static async Task<int> PollAsync(Func<Task> look, CancellationToken done)
    {
        int rounds = 0;
        do
        {
            await look();
            rounds++;
        }
        while (!done.IsCancellationRequested);
        return rounds;
    }
}
