using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

[Collection(CephCollection.Name)]
public sealed class ManyPublishersTests(CephGateway gateway) : IAsyncLifetime
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
    public async Task Sixteen_publishers_at_once_lose_nothing_and_a_client_never_sees_a_mismatch() =>
        await PublishAtOnceAsync(publishers: 16, packagesEach: 25, gateway.Endpoint);

    [Fact]
    public async Task Publishers_over_a_bad_line_lose_nothing_either()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        // Every seventh request fails in one of five ways, in turn.
        Fault[] faults = [Fault.ResetRequest, Fault.LoseResponse, Fault.SlowDown, Fault.ResetResponse, Fault.InternalError];
        proxy.Latency = TimeSpan.FromMilliseconds(2);
        proxy.Decide = request => request.Number % 7 == 0 ? faults[request.Number / 7 % faults.Length] : Fault.None;
        await PublishAtOnceAsync(publishers: 6, packagesEach: 10, proxy.Endpoint);
    }

    [Fact]
    public async Task A_publisher_killed_at_any_request_leaves_a_whole_state_and_the_next_one_finishes()
    {
        using var proxy = new FaultProxy(gateway.Endpoint);
        Repository first = await _sandbox.FilledAsync("first", "alpha");
        Repository second = await _sandbox.FilledAsync("second", "beta", "gamma");
        int total = await CountRequestsAsync(proxy, second);
        Assert.InRange(total, 5, 60);

        for (int at = 1; at <= total; at++)
        {
            // A place of its own each time: what an earlier round finished must not shorten this one.
            S3Location place = _place.Below($"round-{at}");
            await PublishSandbox.PublishAsync(first, place.ToString(), gateway.Connect());
            await KillAtAsync(proxy, second, place, at);
            List<string> seen = await PublishSandbox.ListAsync(place, gateway.Connect(), _sandbox.Context);
            Assert.True(seen.Count is 1 or 3, $"killed at request {at}: {string.Join(", ", seen)}");
        }

        // The client checks the last one, and the next publisher finishes it.
        S3Location last = _place.Below($"round-{total}");
        await PublishSandbox.PublishAsync(second, last.ToString(), gateway.Connect());
        Assert.Equal(3, (await PublishSandbox.ListAsync(last, gateway.Connect(), _sandbox.Context)).Count);
        IReadOnlyList<string> options = await _sandbox.AptOptionsAsync(gateway.Endpoint, last);
        await ProgramRunner.RunAsync(new ProgramCommand("apt-get", [.. options, "update"]));
    }

    private async Task<int> CountRequestsAsync(FaultProxy proxy, Repository source)
    {
        await gateway.RememberCapabilitiesAsync(_place, proxy.Endpoint);
        S3Location place = _place.Below("counted");
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("counted", "alpha"), place.ToString(), gateway.Connect());
        proxy.Reset();
        await ProgramRunner.RunAsync(_sandbox.Publisher(source, place, proxy.Endpoint));
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
            await ProgramRunner.TryRunAsync(_sandbox.Publisher(source, place, proxy.Endpoint), null, kill.Token);
        }
        catch (OperationCanceledException)
        {
        }

        proxy.Decide = static _ => Fault.None;
    }

    private async Task PublishAtOnceAsync(int publishers, int packagesEach, Uri endpoint)
    {
        Repository[] sources = await Task.WhenAll(Enumerable.Range(0, publishers).Select(p =>
            _sandbox.FilledAsync($"publisher-{p}", [.. Enumerable.Range(0, packagesEach).Select(i => $"package-{p:00}-{i:00}")])));
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("seed", "seed"), _place.ToString(), gateway.Connect());
        IReadOnlyList<string> options = await _sandbox.AptOptionsAsync(gateway.Endpoint, _place);
        using var done = new CancellationTokenSource();
        Task<int> client = PollAsync(options, done.Token);
        ProgramResult[] results = await Task.WhenAll(sources.Select(source => ProgramRunner.TryRunAsync(_sandbox.Publisher(source, _place, endpoint))));
        await done.CancelAsync();
        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.StandardError));
        Assert.True(await client > 0, "The client never ran.");

        List<string> listed = await PublishSandbox.ListAsync(_place, gateway.Connect(), _sandbox.Context);
        Assert.Equal((publishers * packagesEach) + 1, listed.Distinct().Count());
        await ProgramRunner.RunAsync(new ProgramCommand("apt-get", [.. options, "update"]));
        ProgramResult shown = await ProgramRunner.RunAsync(new ProgramCommand("apt-cache", [.. options, "pkgnames", "package-"]));
        Assert.Equal(publishers * packagesEach, shown.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static async Task<int> PollAsync(IReadOnlyList<string> options, CancellationToken done)
    {
        int updates = 0;
        do
        {
            ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("apt-get", [.. options, "update"]), null, CancellationToken.None);
            Assert.True(result.ExitCode == 0, $"update {updates}: {result.StandardError}");
            updates++;
        }
        while (!done.IsCancellationRequested);
        return updates;
    }
}
