using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Serving;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Serving;

public sealed class PackageCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-cache-").FullName;
    private readonly PackageCacheServer _cache;
    private readonly RepositoryServers _servers;

    public PackageCacheTests()
    {
        _cache = new PackageCacheServer(Path.Combine(_folder, "state"), Path.Combine(_folder, "cache"));
        _servers = new RepositoryServers(Path.Combine(_folder, "servers"));
    }

    public void Dispose()
    {
        _cache.StopAsync(default).GetAwaiter().GetResult();
        foreach (RepositoryServer server in _servers.List())
        {
            _servers.StopAsync(server.Name, default).GetAwaiter().GetResult();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_second_fetch_is_served_from_the_cache_and_the_figures_say_so()
    {
        string archive = Path.Combine(_folder, "archive", "debian", "pool");
        Directory.CreateDirectory(archive);
        byte[] package = new byte[200_000];
        Random.Shared.NextBytes(package);
        await File.WriteAllBytesAsync(Path.Combine(archive, "a_1.0_all.deb"), package);
        RepositoryServer origin = await _servers.StartAsync(new ServerRequest("origin", [new ServedFolder("/", Path.Combine(_folder, "archive"))]) { Backend = ServerBackend.Nginx, Port = ServerStart.ChoosePort(IPAddress.Loopback, 0, 32_767) }, null, default);
        PackageCache cache = await _cache.StartAsync(IPAddress.Loopback, 0, null, default);
        // The cache writes its log when a connection ends.
        using var client = new HttpClient(new HttpClientHandler { Proxy = new WebProxy(cache.ProxyUri), UseProxy = true });
        client.DefaultRequestHeaders.ConnectionClose = true;
        var address = new Uri($"http://127.0.0.1:{origin.Port}/debian/pool/a_1.0_all.deb");
        Assert.Equal(package, await client.GetByteArrayAsync(address));
        await _servers.StopAsync("origin", default);
        Assert.Equal(package, await client.GetByteArrayAsync(address));

        PackageCache figures = await Eventually.BecomesAsync(() => _cache.Find()!, found => found.Requests == 2);
        Assert.Equal((1, 1), (figures.Hits, figures.Misses));
        Assert.InRange(figures.BytesSaved, 190_000, 210_000);
        Assert.True(figures.Size >= package.Length);
    }

    [Fact]
    public async Task A_cache_that_runs_is_found_again_and_must_be_stopped_before_it_is_cleared()
    {
        PackageCache cache = await _cache.StartAsync(IPAddress.Loopback, 0, null, default);
        Assert.Equal(cache.Port, (await _cache.StartAsync(IPAddress.Loopback, 0, null, default)).Port);
        Assert.Equal("PackageCacheRunning", Assert.Throws<OmnibusException>(_cache.Clear).Id);
        PackageCache? stopped = await _cache.StopAsync(default);
        Assert.Equal("Stopped", stopped?.State);
        _cache.Clear();
        Assert.Null(_cache.Find());
    }
}
