using System.Text.Json;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>
/// Ceph's S3 gateway on loopback: one monitor, one manager, one memory-backed OSD and one radosgw, with a user made for the run.
/// Starts in about fifteen seconds and is shared by all tests of the collection.
/// </summary>
public sealed class CephGateway : IAsyncLifetime
{
    private const string User = "publisher";
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-ceph-").FullName;
    private readonly List<Daemon> _daemons = [];

    public Uri Endpoint { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public string AccessKey { get; private set; } = string.Empty;

    public string SecretKey { get; private set; } = string.Empty;

    private string ConfigurationFile => Path.Combine(_folder, "ceph.conf");

    /// <summary>A connection to the gateway, or to a proxy before it. The credentials are in this process's environment.</summary>
    public S3Connection Connect(Uri? endpoint = null) => new() { EndpointUrl = endpoint ?? Endpoint, Region = "us-east-1" };

    /// <summary>A bucket that no other test uses.</summary>
    public async Task<S3Location> NewBucketAsync()
    {
        var place = new S3Location($"test-{Guid.NewGuid():n}", "archive");
        await S3BucketPolicy.AllowPublicReadAsync(place, Connect(), createBucket: true, CancellationToken.None);
        return place;
    }

    /// <summary>Probes through a proxy, so that its faults and counts begin with what is tested.</summary>
    public async Task RememberCapabilitiesAsync(S3Location place, Uri endpoint)
    {
        using var store = new S3Store(place, Connect(endpoint));
        await store.GetCapabilitiesAsync(CancellationToken.None);
    }

    public async Task InitializeAsync()
    {
        int monitorPort = FreePort.Next();
        string id = Guid.NewGuid().ToString();
        foreach (string name in new[] { "mon", "mgr", "osd", "rgw", "run" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        await File.WriteAllTextAsync(ConfigurationFile, Configuration(id, monitorPort));
        string keyring = Path.Combine(_folder, "keyring");
        await RunAsync("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        await AddKeyAsync(keyring, "client.admin", "mon", "allow *", "osd", "allow *", "mgr", "allow *");
        await AddKeyAsync(keyring, "mgr.x", "mon", "allow profile mgr", "osd", "allow *");
        await AddKeyAsync(keyring, "osd.0", "mon", "allow profile osd", "mgr", "allow profile osd", "osd", "allow *");
        await AddKeyAsync(keyring, "client.rgw", "mon", "allow rw", "osd", "allow rwx", "mgr", "allow rw");
        string map = Path.Combine(_folder, "monmap");
        await RunAsync("monmaptool", "--create", "--fsid", id, "--addv", "a", $"[v2:127.0.0.1:{monitorPort}]", map);
        await RunAsync("ceph-mon", "-c", ConfigurationFile, "-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring);
        Start("mon", "ceph-mon", "-i", "a");
        string osd = Guid.NewGuid().ToString();
        await RunAsync("ceph", "-c", ConfigurationFile, "--connect-timeout", "60", "osd", "new", osd, "0", "-i", "/dev/null");
        await RunAsync("ceph-osd", "-c", ConfigurationFile, "-i", "0", "--mkfs", "--osd-uuid", osd);
        Start("mgr", "ceph-mgr", "-i", "x");
        Start("osd", "ceph-osd", "-i", "0");
        Start("rgw", "radosgw", "-n", "client.rgw");
        ProgramResult made = await RunAsync("radosgw-admin", "-c", ConfigurationFile, "user", "create", "--uid", User, "--display-name", User);
        JsonElement key = JsonDocument.Parse(made.StandardOutput).RootElement.GetProperty("keys")[0];
        AccessKey = key.GetProperty("access_key").GetString()!;
        SecretKey = key.GetProperty("secret_key").GetString()!;
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretKey);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        await WaitAsync();
    }

    public Task DisposeAsync()
    {
        foreach (Daemon daemon in Enumerable.Reverse(_daemons))
        {
            daemon.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private static Task<ProgramResult> RunAsync(string program, params string[] arguments) =>
        ProgramRunner.RunAsync(new ProgramCommand(program, arguments) { Timeout = TimeSpan.FromSeconds(120) });

    private static Task AddKeyAsync(string keyring, string name, params string[] capabilities) => RunAsync(
        "ceph-authtool",
        [keyring, "--gen-key", "-n", name, .. capabilities.Chunk(2).SelectMany(pair => new[] { "--cap", pair[0], pair[1] })]);

    private void Start(string name, string program, params string[] arguments) =>
        _daemons.Add(new Daemon(Path.Combine(_folder, name + ".out"), ProgramRunner.Require(program), ["-c", ConfigurationFile, .. arguments, "-f"]));

    private async Task WaitAsync()
    {
        using var client = new HttpClient();
        for (int i = 0; i < 600; i++)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(Endpoint);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("Ceph's gateway did not start:\n" + string.Join("\n", _daemons.Select(d => d.Log)));
    }

    private string Configuration(string id, int monitorPort) => $"""
        [global]
        fsid = {id}
        mon host = v2:127.0.0.1:{monitorPort}
        public addr = 127.0.0.1
        auth cluster required = cephx
        auth service required = cephx
        auth client required = cephx
        run dir = {_folder}/run
        admin socket = {_folder}/run/$name.asok
        log file = {_folder}/$name.log
        mon cluster log file = {_folder}/cluster.log
        keyring = {_folder}/keyring
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd pool default pgp num = 1
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        ms bind ipv6 = false
        ms bind msgr1 = false
        mon data avail crit = 1
        [mon.a]
        mon data = {_folder}/mon
        [mgr]
        mgr data = {_folder}/mgr
        mgr initial modules =
        [osd]
        osd data = {_folder}/osd
        osd objectstore = memstore
        memstore device bytes = 4G
        [client.rgw]
        rgw frontends = beast endpoint=127.0.0.1:{Endpoint.Port}
        rgw data = {_folder}/rgw
        rgw thread pool size = 64

        """;
}

/// <summary>The tests that share one gateway.</summary>
[CollectionDefinition(Name)]
public sealed class CephCollection : ICollectionFixture<CephGateway>
{
    public const string Name = "Ceph";
}
