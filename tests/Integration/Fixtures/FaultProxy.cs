using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>What the proxy does with a request.</summary>
public enum Fault
{
    /// <summary>Passes it on.</summary>
    None,

    /// <summary>Resets the connection in the middle of the request's body (or at once when there is none).</summary>
    ResetRequest,

    /// <summary>Passes it on, then resets the connection instead of giving the answer: the request took effect.</summary>
    LoseResponse,

    /// <summary>Resets the connection in the middle of the answer's body.</summary>
    ResetResponse,

    /// <summary>Answers 503 SlowDown and does not pass it on.</summary>
    SlowDown,

    /// <summary>Answers 500 InternalError and does not pass it on.</summary>
    InternalError,

    /// <summary>Answers 400 AuthorizationHeaderMalformed, as AWS does when a request was signed for another region.</summary>
    WrongRegion,

    /// <summary>Answers 200 where the server said 412, as a store that does not know conditions.</summary>
    HideRefusal,
}

/// <summary>A request that the proxy saw.</summary>
internal sealed record ProxiedRequest(int Number, string Method, string Target, long Bytes)
{
    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Method is "PUT" or "POST" or "DELETE";
}

/// <summary>A small HTTP/1.1 proxy before a server, for faults: latency, resets, refusals, lost answers. Counts requests.</summary>
internal sealed class FaultProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _upstream;
    private readonly List<ProxiedRequest> _requests = [];
    private long _answerBytes;

    public FaultProxy(Uri upstream)
    {
        _upstream = new IPEndPoint(IPAddress.Loopback, upstream.Port);
        _listener.Start(256);
        _ = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Waited before each request is passed on.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Decides what happens to a request. Called once a request, from any thread.</summary>
    public Func<ProxiedRequest, Fault> Decide { get; set; } = static _ => Fault.None;

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyList<ProxiedRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Bytes of the answers' bodies so far.</summary>
    public long AnswerBytes => Interlocked.Read(ref _answerBytes);

    /// <summary>Forgets the requests so far.</summary>
    public void Reset()
    {
        lock (_requests)
        {
            _requests.Clear();
            _answerBytes = 0;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(stop);
                _ = ServeAsync(client, stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await upstream.ConnectAsync(_upstream, stop);
                var near = new HttpWire(client);
                var far = new HttpWire(upstream);
                while (await ServeRequestAsync(near, far, stop))
                {
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidDataException)
            {
                Abort(client);
            }
        }
    }

    private async Task<bool> ServeRequestAsync(HttpWire near, HttpWire far, CancellationToken stop)
    {
        HttpHead? head = await near.ReadHeadAsync(stop);
        if (head is null)
        {
            return false;
        }

        ProxiedRequest request = Count(head);
        Fault fault = Decide(request);
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, stop);
        }

        if (fault is Fault.SlowDown or Fault.InternalError or Fault.WrongRegion)
        {
            await RefuseAsync(near, head, fault, stop);
            return true;
        }

        if (fault == Fault.ResetRequest && head.Length == 0)
        {
            Abort(near.Socket);
            return false;
        }

        await far.WriteAsync(head.Bytes, stop);
        if (head.ExpectsContinue)
        {
            HttpHead interim = await far.ReadHeadAsync(stop) ?? throw new IOException("The server closed.");
            await near.WriteAsync(interim.Bytes, stop);
            if (interim.Status != 100)
            {
                // Refused before the body: answer and close, as the body may or may not follow.
                await far.CopyBodyAsync(interim, near, interim.Length, stop);
                return false;
            }
        }

        if (fault == Fault.ResetRequest)
        {
            await near.CopyBodyAsync(head, far, head.Length / 2, stop);
            Abort(near.Socket);
            return false;
        }

        await near.CopyBodyAsync(head, far, head.Length, stop);
        HttpHead answer = await far.ReadHeadAsync(stop) ?? throw new IOException("The server closed.");
        if (fault == Fault.LoseResponse)
        {
            Abort(near.Socket);
            return false;
        }

        if (fault == Fault.HideRefusal && answer.Status == 412)
        {
            await far.CopyBodyAsync(answer, null, answer.Length, stop);
            await near.WriteAsync("HTTP/1.1 200 OK\r\nETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
            return !answer.Closes;
        }

        await near.WriteAsync(answer.Bytes, stop);
        if (head.Method == "HEAD" || answer.Status is 204 or 304)
        {
            return !answer.Closes;
        }

        if (fault == Fault.ResetResponse)
        {
            await far.CopyBodyAsync(answer, near, Math.Max(0, answer.Length) / 2, stop);
            Abort(near.Socket);
            return false;
        }

        Interlocked.Add(ref _answerBytes, answer.Length);
        await far.CopyBodyAsync(answer, near, answer.Length, stop);
        return !answer.Closes;
    }

    private static async Task RefuseAsync(HttpWire near, HttpHead head, Fault fault, CancellationToken stop)
    {
        if (!head.ExpectsContinue)
        {
            await near.CopyBodyAsync(head, null, head.Length, stop);
        }

        (string status, string code, string message) = fault switch
        {
            Fault.SlowDown => ("503 Slow Down", "SlowDown", "Please reduce your request rate."),
            Fault.WrongRegion => ("400 Bad Request", "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"),
            _ => ("500 Internal Server Error", "InternalError", "We encountered an internal error."),
        };
        string body = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>";
        string close = head.ExpectsContinue ? "Connection: close\r\n" : string.Empty;
        string content = head.Method == "HEAD" ? string.Empty : body;
        await near.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\n{close}\r\n{content}"), stop);
        if (head.ExpectsContinue)
        {
            throw new IOException("Closed after a refusal.");
        }
    }

    private static void Abort(Socket socket)
    {
        // Zero linger sends a reset instead of an orderly end.
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    private ProxiedRequest Count(HttpHead head)
    {
        lock (_requests)
        {
            var request = new ProxiedRequest(_requests.Count + 1, head.Method, head.Target, head.Length);
            _requests.Add(request);
            return request;
        }
    }
}
