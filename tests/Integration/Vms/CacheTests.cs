using System.Globalization;
using System.Net;
using Omnibus.Core.Distributions;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Chroots;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;
using Omnibus.Tests.Integration.Fixtures;
using Xunit.Abstractions;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>Debian 13 through a new package cache: an image with a boot loader, a root of the same distribution, and a guest.</summary>
[Collection(VmSuite.Name)]
[Trait("Suite", "Vm")]
public sealed class CacheTests : IAsyncLifetime
{
    private readonly ScratchFolder _scratch = new();
    private readonly ITestOutputHelper _output;
    private readonly PackageCacheServer _cache;
    private readonly VmDirectory _machines;

    public CacheTests(ITestOutputHelper output)
    {
        _output = output;
        _cache = new PackageCacheServer(_scratch.PathOf("cache-state"), _scratch.PathOf("cache-files"));
        _machines = new VmDirectory(_scratch.PathOf("data"), _scratch.PathOf("images"), _scratch.PathOf("run"));
    }

    public Task InitializeAsync() => _cache.StartAsync(IPAddress.Loopback, 0, null, default);

    public async Task DisposeAsync()
    {
        foreach (string name in _machines.Names())
        {
            await new VmStop(_machines).RemoveAsync(name, force: true);
        }

        await _cache.StopAsync(default);
        _scratch.Dispose();
    }

    [Fact]
    public async Task Images_roots_and_guests_share_one_cache_and_a_disk_with_a_boot_loader_boots_by_itself()
    {
        Distribution trixie = DistributionCatalog.Shipped.Get("debian-13");
        PackageCache cache = _cache.Find()!;
        var options = new DistributionImageOptions { Proxy = cache.ProxyUri.AbsoluteUri, Bootable = true };
        BaseImage image = await new DistributionImages(_machines).GetAsync(trixie, options);
        PackageCache first = Figures("image, from the mirror");
        Assert.True(first.Misses > 100, $"{first.Misses} misses");

        // A second tree of the distribution: the packages come from the cache, only the archive's pointers are asked for again.
        await new RootTreeStore(_machines).GetAsync(trixie, options);
        PackageCache second = Figures("root, from the cache");
        Assert.True(second.Hits - first.Hits > 50, $"{second.Hits - first.Hits} hits");
        Assert.True(second.Misses - first.Misses < 15, $"{second.Misses - first.Misses} misses");
        Assert.True(second.BytesSaved - first.BytesSaved > 20_000_000, $"{second.BytesSaved - first.BytesSaved} bytes saved");

        string proxy = string.Create(CultureInfo.InvariantCulture, $"host.omnibus:{cache.Port}");
        await new VmCreation(_machines).CreateAsync(new VmCreationRequest("trixie", image) { Distribution = "debian-13", Proxy = proxy, DiskSize = 10L << 30 });
        await new VmStart(_machines).StartAsync("trixie", new VmStartOptions { Wait = true, Timeout = VmFixture.Patience });

        // Its own kernel, started by its own boot loader, from a partition that took the whole larger disk.
        Assert.Equal("trixie", await RunAsync(". /etc/os-release && echo $VERSION_CODENAME"));
        Assert.Equal("trixie /dev/vda1", await RunAsync("echo $(hostname) $(findmnt -no SOURCE /)"));
        Assert.StartsWith("BOOT_IMAGE=/vmlinuz ", await RunAsync("cat /proc/cmdline"), StringComparison.Ordinal);
        Assert.InRange(long.Parse(await RunAsync("df --output=size -B1 / | tail -n 1"), CultureInfo.InvariantCulture), 9L << 30, 10L << 30);
        Assert.Equal("1", await RunAsync("systemctl is-active ssh > /dev/null && getent hosts host.omnibus > /dev/null && echo 1"));

        // What the image was made of, fetched by the guest's own apt.
        string address = Netbase(cache, image);
        string fetch = $"/usr/lib/apt/apt-helper download-file {address} /root/netbase.deb > /dev/null && dpkg-deb --field /root/netbase.deb Package && apt-get install -y -q --reinstall /root/netbase.deb > /dev/null && rm /root/netbase.deb";
        Assert.Equal("netbase", await RunAsync(fetch));
        PackageCache guest = await Eventually.BecomesAsync(() => _cache.Find()!, figures => figures.Hits > second.Hits);
        Assert.True(guest.Hits > second.Hits, "no hit for the guest");
        Assert.Equal(second.Misses, guest.Misses);

        // Without the cache the guest goes on by itself.
        await _cache.StopAsync(default);
        Assert.Equal("netbase", await RunAsync(fetch));
        Assert.Equal(guest.Requests, _cache.Find()!.Requests);
    }

    // The address that the cache fetched a small package of the image from, as its log has it.
    private static string Netbase(PackageCache cache, BaseImage image)
    {
        string line = File.ReadLines(cache.LogPath).Last(entry => entry.Contains("/netbase_", StringComparison.Ordinal));
        string path = line.Split('|')[^1];
        AptSource source = HostAptSources.Read().For("debian", "trixie")[0];
        Assert.True(File.Exists(image.Disk));
        return source.Uri + path[path.IndexOf("/pool/", StringComparison.Ordinal)..];
    }

    private async Task<string> RunAsync(string script)
    {
        GuestCommandResult result = await new GuestAccess(_machines).RunAsync("trixie", new GuestCommand(script) { Timeout = VmFixture.Patience });
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput.TrimEnd('\n');
    }

    private PackageCache Figures(string after)
    {
        PackageCache figures = _cache.Find()!;
        _output.WriteLine($"{after}: {figures.Requests} requests, {figures.Hits} hits, {figures.Misses} misses, {figures.BytesSaved} bytes saved");
        return figures;
    }
}
