using System.Text.Json;
using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>Access to the gateway.</summary>
internal sealed record CephUser(string AccessKey, string SecretKey);

/// <summary>
/// Ceph's S3 gateway on loopback: one monitor, one manager, one memory-backed OSD and one radosgw. Starts in about fifteen seconds
/// and ends with the process that started it.
/// </summary>
internal sealed class CephCluster : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-ceph-").FullName;
    private readonly List<Daemon> _daemons = [];

    private CephCluster()
    {
    }

    /// <summary>Where the gateway answers.</summary>
    public Uri Endpoint { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    private string ConfigurationFile => Path.Combine(_folder, "ceph.conf");

    /// <summary>Starts it.</summary>
    public static async Task<CephCluster> StartAsync()
    {
        var cluster = new CephCluster();
        try
        {
            await cluster.MakeAsync();
            await cluster.WaitAsync();
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Makes a user with a key.</summary>
    public async Task<CephUser> NewUserAsync(string name)
    {
        ProgramResult made = await RunAsync("radosgw-admin", "-c", ConfigurationFile, "user", "create", "--uid", name, "--display-name", name);
        JsonElement key = JsonDocument.Parse(made.StandardOutput).RootElement.GetProperty("keys")[0];
        return new CephUser(key.GetProperty("access_key").GetString()!, key.GetProperty("secret_key").GetString()!);
    }

    public void Dispose()
    {
        foreach (Daemon daemon in Enumerable.Reverse(_daemons))
        {
            daemon.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeAsync()
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
        debug auth = 0/0
        debug mgr = 0/0
        debug mon = 0/0
        debug monc = 0/0
        debug ms = 0/0
        debug objecter = 0/0
        debug osd = 0/0
        debug paxos = 0/0
        debug rados = 0/0
        debug rgw = 0/0
        debug timer = 0/0
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
