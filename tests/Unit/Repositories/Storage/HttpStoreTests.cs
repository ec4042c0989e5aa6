using System.Net;
using System.Net.Sockets;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Unit.Repositories.Storage;

/// <summary>A web server as a store, in front of a server that answers whatever a test wants.</summary>
public sealed class HttpStoreTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];
    private readonly Queue<string> _answers = new();

    public HttpStoreTests()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task What_is_there_is_read_and_its_name_is_escaped()
    {
        _answers.Enqueue("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"one\"\r\nConnection: close\r\n\r\nhello");
        ObjectReading reading = (await Store().OpenReadAsync("pool/a b+c_1~2%.deb", CancellationToken.None))!;
        await using (reading)
        {
            Assert.Equal((5L, "\"one\""), (reading.Object.Size, reading.Object.ETag));
            Assert.Equal("hello", await new StreamReader(reading.Content).ReadToEndAsync());
        }

        Assert.StartsWith("GET /base/pool/a%20b%2Bc_1~2%25.deb HTTP/1.1", _requests[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    [InlineData("403 Forbidden")]
    public async Task What_is_not_there_is_null(string status)
    {
        _answers.Enqueue(Answer(status));
        Assert.Null(await Store().FindAsync("InRelease", CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_fails_is_asked_again()
    {
        _answers.Enqueue(Answer("503 Busy"));
        _answers.Enqueue("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
        Assert.Equal(7, (await Store().FindAsync("InRelease", CancellationToken.None))!.Size);
        Assert.Equal(2, _requests.Count);
    }

    [Fact]
    public async Task A_server_that_knows_no_HEAD_is_asked_for_the_file()
    {
        _answers.Enqueue(Answer("405 Method Not Allowed"));
        _answers.Enqueue("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nRelease");
        Assert.Equal(7, (await Store().FindAsync("Release", CancellationToken.None))!.Size);
        Assert.StartsWith("GET ", _requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_the_address_is_sent_and_never_shown()
    {
        _answers.Enqueue(Answer("401 Unauthorized"));
        HttpStore store = Store("somebody:pass%40word@");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => store.FindAsync("InRelease", CancellationToken.None));
        Assert.Equal("StoreAccessDenied", error.Id);
        Assert.Contains($"Authorization: Basic {Convert.ToBase64String("somebody:pass@word"u8)}", _requests[0], StringComparison.Ordinal);
        Assert.All([store.Location, error.Message, error.ToString()], text => Assert.DoesNotContain("word", text.Replace("Password", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_breaks_off_is_an_error()
    {
        _answers.Enqueue("HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\nonly a part");
        ObjectReading reading = (await Store().OpenReadAsync("Packages.gz", CancellationToken.None))!;
        await using (reading)
        {
            using var copy = new MemoryStream();
            Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<OmnibusException>(() => reading.Content.CopyToAsync(copy))).Id);
        }
    }

    [Fact]
    public async Task Nothing_can_be_written_and_no_key_leaves_the_root()
    {
        HttpStore store = Store();
        Assert.Equal("StoreReadOnly", Assert.Throws<OmnibusException>(() => { _ = store.DeleteAsync(["a"], CancellationToken.None); }).Id);
        Assert.Equal("StoreKeyInvalid", (await Assert.ThrowsAsync<OmnibusException>(() => store.FindAsync("../secret", CancellationToken.None))).Id);
        Assert.Equal("StoreLocationInvalid", Assert.Throws<OmnibusException>(() => new HttpStore(new Uri("ftp://127.0.0.1/"))).Id);
        Assert.Empty(_requests);
    }

    private static string Answer(string status) => $"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private HttpStore Store(string user = "") => new(new Uri($"http://{user}127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/base"));

    // One answer a connection, in order.
    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                var request = new StringBuilder();
                byte[] buffer = new byte[4096];
                while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and int count)
                {
                    request.Append(Encoding.ASCII.GetString(buffer, 0, count));
                }

                _requests.Add(request.ToString());
                await stream.WriteAsync(Encoding.ASCII.GetBytes(_answers.Dequeue()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
