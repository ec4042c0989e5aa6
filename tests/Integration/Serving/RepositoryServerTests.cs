using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Serving;

namespace Omnibus.Tests.Integration.Serving;

public sealed class RepositoryServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-serve-").FullName;
    private readonly HttpClient _client = new();
    private readonly RepositoryServers _servers;
    private readonly string _archive;

    public RepositoryServerTests()
    {
        _servers = new RepositoryServers(Path.Combine(_folder, "state"));
        _archive = Path.Combine(_folder, "archive of packages [1]");
        Write("dists/bookworm/InRelease", "signed");
        Write("pool/main/a/a_1.0_all.deb", new string('x', 100_000));
        Write(".omnibus/repository.json", "hidden");
        File.CreateSymbolicLink(Path.Combine(_archive, "escape"), "/etc/hostname");
    }

    public void Dispose()
    {
        foreach (RepositoryServer server in _servers.List())
        {
            _servers.StopAsync(server.Name, default).GetAwaiter().GetResult();
        }

        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(ServerBackend.Nginx)]
    [InlineData(ServerBackend.Embedded)]
    public async Task Files_are_given_out_whole_in_parts_and_on_condition(ServerBackend backend)
    {
        RepositoryServer server = await StartAsync(backend);
        var package = new Uri(server.FolderUri[0], "pool/main/a/a_1.0_all.deb");
        using HttpResponseMessage whole = await _client.GetAsync(package);
        Assert.Equal(100_000, (await whole.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(CachePolicy.Immutable, string.Join(", ", whole.Headers.GetValues("Cache-Control")));

        using HttpResponseMessage part = await SendAsync(package, request => request.Headers.Range = new RangeHeaderValue(10, 19));
        Assert.Equal((HttpStatusCode.PartialContent, 10L), (part.StatusCode, part.Content.Headers.ContentLength));
        using HttpResponseMessage end = await SendAsync(package, request => request.Headers.Range = new RangeHeaderValue(null, 5));
        Assert.Equal("bytes 99995-99999/100000", end.Content.Headers.ContentRange?.ToString());
        using HttpResponseMessage beyond = await SendAsync(package, request => request.Headers.Range = new RangeHeaderValue(200_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);

        using HttpResponseMessage same = await SendAsync(package, request => request.Headers.IfNoneMatch.Add(whole.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using HttpResponseMessage since = await SendAsync(package, request => request.Headers.IfModifiedSince = whole.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, since.StatusCode);
    }

    [Theory]
    [InlineData(ServerBackend.Nginx)]
    [InlineData(ServerBackend.Embedded)]
    public async Task Pointers_are_asked_for_again_and_hidden_state_and_links_out_are_not_given_out(ServerBackend backend)
    {
        RepositoryServer server = await StartAsync(backend);
        using HttpResponseMessage pointer = await _client.GetAsync(new Uri(server.FolderUri[0], "dists/bookworm/InRelease"));
        Assert.Equal("signed", await pointer.Content.ReadAsStringAsync());
        Assert.Equal("no-cache", string.Join(", ", pointer.Headers.GetValues("Cache-Control")));
        foreach (string path in new[] { ".omnibus/repository.json", "%2eomnibus/repository.json", "..%2f..%2fetc/passwd", "escape", "dists/", "missing" })
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(server.FolderUri[0] + path));
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest, $"{path}: {answer.StatusCode}");
        }

        using HttpResponseMessage posted = await _client.PostAsync(pointer.RequestMessage!.RequestUri, new StringContent("x"));
        Assert.True(posted.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.Forbidden, posted.StatusCode.ToString());
    }

    [Fact]
    public async Task A_server_is_found_again_and_stopped_and_its_port_is_free_then()
    {
        RepositoryServer server = await StartAsync(ServerBackend.Nginx);
        RepositoryServer found = Assert.Single(new RepositoryServers(Path.Combine(_folder, "state")).List());
        Assert.Equal((server.Name, server.Port, "Running"), (found.Name, found.Port, found.State));
        await _servers.StopAsync(server.Name, default);
        Assert.Empty(_servers.List());
        Assert.False(server.Process.IsAlive);
        using var listener = new TcpListener(IPAddress.Loopback, server.Port);
        listener.Start();
    }

    [Fact]
    public async Task A_taken_port_a_taken_name_and_a_missing_folder_are_clear_errors()
    {
        RepositoryServer server = await StartAsync(ServerBackend.Nginx);
        Assert.Equal("ServerExists", (await Assert.ThrowsAsync<OmnibusException>(() => StartAsync(ServerBackend.Nginx))).Id);
        var other = new ServerRequest("other", [new ServedFolder("/", _archive)]);
        Assert.Equal("ServerPortInUse", (await Assert.ThrowsAsync<OmnibusException>(() => _servers.StartAsync(other with { Port = server.Port }, null, default))).Id);
        Assert.Equal("ServerFolderNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => _servers.StartAsync(other with { Folders = [new ServedFolder("/", "/no/such")] }, null, default))).Id);
        Assert.Equal("ServerNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => _servers.StopAsync("nobody", default))).Id);
    }

    [Theory]
    [InlineData(WebServerKind.Nginx)]
    [InlineData(WebServerKind.Apache)]
    [InlineData(WebServerKind.Caddy)]
    public async Task A_production_configuration_is_accepted_by_the_server_it_is_for(WebServerKind kind)
    {
        string text = WebServerConfiguration.Create(kind, "archive.example.com", [new ServedFolder("/debian/", _archive), new ServedFolder("/rocky/", _archive)]);
        string file = Path.Combine(_folder, "configuration");
        string modules = string.Concat(new[] { "mpm_event", "authz_core", "alias", "headers", "setenvif" }.Select(m => $"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n"));
        (string content, ProgramCommand command) = kind switch
        {
            WebServerKind.Nginx => ($"pid {_folder}/pid; events {{}} http {{ {text} }}", new ProgramCommand("nginx", ["-t", "-e", $"{_folder}/log", "-c", file])),
            WebServerKind.Apache => ($"ServerRoot {_folder}\nPidFile {_folder}/pid\nErrorLog {_folder}/log\nServerName x\n{modules}{text}", new ProgramCommand("apache2", ["-t", "-f", file])),
            _ => (text, new ProgramCommand("caddy", ["validate", "--adapter", "caddyfile", "--config", file])),
        };
        await File.WriteAllTextAsync(file, content);
        ProgramResult result = await ProgramRunner.TryRunAsync(command with { Timeout = TimeSpan.FromSeconds(60) });
        Assert.True(result.ExitCode == 0, result.StandardError + result.StandardOutput);
    }

    private Task<RepositoryServer> StartAsync(ServerBackend backend) =>
        _servers.StartAsync(new ServerRequest("test", [new ServedFolder("/debian/", _archive)]) { Backend = backend }, null, default);

    private async Task<HttpResponseMessage> SendAsync(Uri uri, Action<HttpRequestMessage> prepare)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        prepare(request);
        return await _client.SendAsync(request);
    }

    private void Write(string path, string text)
    {
        string file = Path.Combine(_archive, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
