using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Qmp;

namespace Omnibus.Tests.Unit.Vms;

public sealed class QmpClientTests
{
    private const string Greeting = """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "x"}, "capabilities": ["oob"]}}""";

    [Fact]
    public async Task The_greeting_gives_the_version()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Assert.Equal(new Version(7, 2, 22), client.QemuVersion);
    }

    [Fact]
    public async Task An_answer_reaches_the_command_with_its_id_and_events_between_are_kept()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Task<JsonElement> status = client.ExecuteAsync("query-status");
        Task<JsonElement> version = client.ExecuteAsync("query-version", new JsonObject { ["x"] = 1 });
        long first = await qemu.ReadIdAsync();
        long second = await qemu.ReadIdAsync();
        await qemu.SendAsync("""{"event": "STOP", "timestamp": {"seconds": 1700000000, "microseconds": 0}}""");
        await qemu.SendAsync($$$"""{"id": {{{second}}}, "return": {"b": 2}}""");
        await qemu.SendAsync("""{"event": "SHUTDOWN", "data": {"guest": true}, "timestamp": {"seconds": 1700000001, "microseconds": 0}}""");
        await qemu.SendAsync($$$"""{"id": {{{first}}}, "return": {"a": 1}}""");

        Assert.Equal(1, (await status).GetProperty("a").GetInt32());
        Assert.Equal(2, (await version).GetProperty("b").GetInt32());
        QmpEvent? shutdown = await client.WaitForEventAsync(e => e.Name == "SHUTDOWN", TimeSpan.FromSeconds(30));
        Assert.True(shutdown!.Data.GetProperty("guest").GetBoolean());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000001), shutdown.Time);
    }

    [Fact]
    public async Task An_error_answer_carries_the_words_of_QEMU()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Task<JsonElement> command = client.ExecuteAsync("eject");
        long id = await qemu.ReadIdAsync();
        await qemu.SendAsync($$$"""{"id": {{{id}}}, "error": {"class": "GenericError", "desc": "Device 'x' not found"}}""");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => command);
        Assert.Equal("QmpCommandFailed", error.Id);
        Assert.Contains("Device 'x' not found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_QEMU_that_is_killed_before_it_greets_is_out_of_reach()
    {
        await using var qemu = new Peer();
        Task<QmpClient> connecting = QmpClient.NegotiateAsync(qemu.ClientSide, CancellationToken.None);
        qemu.Reset();
        Assert.Equal("QmpUnreachable", (await Assert.ThrowsAsync<OmnibusException>(() => connecting)).Id);
    }

    [Fact]
    public async Task A_broken_connection_ends_every_waiting_command_and_every_later_one()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Task<JsonElement> command = client.ExecuteAsync("query-status");
        await qemu.ReadIdAsync();
        await qemu.CloseAsync();
        Assert.Equal("QmpUnreachable", (await Assert.ThrowsAsync<OmnibusException>(() => command)).Id);
        Assert.Equal("QmpUnreachable", (await Assert.ThrowsAsync<OmnibusException>(() => client.ExecuteAsync("query-status"))).Id);
        Assert.Null(await client.WaitForEventAsync(_ => true, TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("[1, 2]")]
    [InlineData("""{"hello": true}""")]
    [InlineData("""{"QMP": 4}""")]
    public async Task A_greeting_that_is_not_QEMUs_is_refused(string greeting)
    {
        await using var qemu = new Peer();
        Task<QmpClient> connecting = QmpClient.NegotiateAsync(qemu.ClientSide, CancellationToken.None);
        await qemu.SendAsync(greeting);
        Assert.Equal("QmpInvalid", (await Assert.ThrowsAsync<OmnibusException>(() => connecting)).Id);
    }

    [Fact]
    public async Task A_message_that_never_ends_is_refused_before_it_fills_the_memory()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Task<JsonElement> command = client.ExecuteAsync("query-status");
        byte[] junk = new byte[1024 * 1024];
        junk.AsSpan().Fill((byte)'x');
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 20; i++)
            {
                await qemu.SendRawAsync(junk);
            }
        });
        Assert.Equal("QmpMessageTooLong", (await Assert.ThrowsAsync<OmnibusException>(() => command)).Id);
        await client.DisposeAsync();
        await qemu.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task Waiting_for_an_event_ends_when_its_time_is_over()
    {
        await using var qemu = new Peer();
        await using QmpClient client = await qemu.ConnectAsync();
        Assert.Null(await client.WaitForEventAsync(e => e.Name == "SHUTDOWN", TimeSpan.FromMilliseconds(50)));
    }

    /// <summary>Plays QEMU at the other end of a real unix socket.</summary>
    private sealed class Peer : IAsyncDisposable
    {
        private readonly Socket _client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Socket _server;
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"qmp-{Guid.NewGuid():N}");
        private readonly StreamReader _reader;

        public Peer()
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(_path));
            listener.Listen(1);
            _client.Connect(new UnixDomainSocketEndPoint(_path));
            _server = listener.Accept();
            _reader = new StreamReader(new NetworkStream(_server), Encoding.UTF8);
            ClientSide = new NetworkStream(_client, ownsSocket: true);
        }

        public Stream ClientSide { get; }

        public async Task<QmpClient> ConnectAsync()
        {
            Task<QmpClient> connecting = QmpClient.NegotiateAsync(ClientSide, CancellationToken.None);
            await SendAsync(Greeting);
            await SendAsync($$"""{"return": {}, "id": {{await ReadIdAsync()}}}""");
            return await connecting;
        }

        public Task SendAsync(string line) => SendRawAsync(Encoding.UTF8.GetBytes(line + "\r\n"));

        public async Task SendRawAsync(byte[] bytes)
        {
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += await _server.SendAsync(bytes.AsMemory(sent));
            }
        }

        public async Task<long> ReadIdAsync() =>
            JsonDocument.Parse((await _reader.ReadLineAsync())!).RootElement.GetProperty("id").GetInt64();

        /// <summary>Closes with bytes unread: the other side sees a reset.</summary>
        public void Reset()
        {
            _client.Send("x"u8);
            _server.Dispose();
        }

        public Task CloseAsync()
        {
            _server.Dispose();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _server.Dispose();
            _client.Dispose();
            File.Delete(_path);
            return ValueTask.CompletedTask;
        }
    }
}
