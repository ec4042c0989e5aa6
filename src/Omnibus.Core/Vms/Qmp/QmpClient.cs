using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Qmp;

/// <summary>Speaks the QEMU Machine Protocol over a unix socket. QEMU serves one client a socket at a time.</summary>
/// <remarks>Format: QEMU's docs/interop/qmp-spec: one JSON object a line; a greeting, then commands, answers and events.</remarks>
public sealed class QmpClient : IAsyncDisposable
{
    // The longest real answers (query-named-block-nodes with long chains) are some hundred KiB.
    private const int MessageLimit = 16 * 1024 * 1024;
    private const int EventsKept = 1024;

    private readonly Stream _stream;
    private readonly LineReader _reader;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly Channel<QmpEvent> _events = Channel.CreateBounded<QmpEvent>(
        new BoundedChannelOptions(EventsKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });

    private Task _reading = Task.CompletedTask;
    private volatile Exception? _end;
    private long _lastId;
    private int _disposed;

    private QmpClient(Stream stream)
    {
        _stream = stream;
        _reader = new LineReader(stream, MessageLimit);
    }

    /// <summary>QEMU's version, for example <c>7.2.22</c>.</summary>
    public Version QemuVersion { get; private set; } = new();

    /// <summary>Connects to a socket of QEMU and negotiates.</summary>
    /// <param name="socketPath">Path of the unix socket.</param>
    /// <param name="timeout">How long the connection and the greeting may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>QmpUnreachable</c>, <c>QmpTimeout</c> or <c>QmpInvalid</c>.</exception>
    public static async Task<QmpClient> ConnectAsync(string socketPath, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), deadline.Token).ConfigureAwait(false);
            return await NegotiateAsync(new NetworkStream(socket, ownsSocket: true), deadline.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new OmnibusException("QmpUnreachable", ErrorKind.Connection, $"QEMU does not answer at '{socketPath}': {e.Message}", socketPath, inner: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new OmnibusException("QmpTimeout", ErrorKind.Timeout, $"QEMU did not greet within {timeout.TotalSeconds:0.#} s at '{socketPath}'.", socketPath, "Another program may hold its control socket.", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads the greeting from an open connection and switches it to command mode.</summary>
    internal static async Task<QmpClient> NegotiateAsync(Stream stream, CancellationToken cancellationToken)
    {
        var client = new QmpClient(stream);
        try
        {
            ReadOnlyMemory<byte> greeting = await client._reader.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new OmnibusException("QmpUnreachable", ErrorKind.Connection, "QEMU closed its control connection before it greeted.");
            client.QemuVersion = ReadVersion(Parse(greeting));
            client._reading = Task.Run(client.ReadAsync, CancellationToken.None);
            await client.ExecuteAsync("qmp_capabilities", null, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch (IOException e)
        {
            // QEMU was killed in between.
            await client.DisposeAsync().ConfigureAwait(false);
            throw Broken(e);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a command.</summary>
    /// <param name="command">Its name, for example <c>query-status</c>.</param>
    /// <param name="arguments">Its arguments, or null.</param>
    /// <param name="cancellationToken">Stops waiting for the answer; QEMU may still carry the command out.</param>
    /// <returns>What QEMU returned.</returns>
    /// <exception cref="OmnibusException"><c>QmpCommandFailed</c> with QEMU's own words, or <c>QmpUnreachable</c> when the connection broke.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments = null, CancellationToken cancellationToken = default)
    {
        long id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            await WriteAsync(command, arguments, id, cancellationToken).ConfigureAwait(false);
            if (_end is { } end)
            {
                // The reader ended before it could see this request.
                answer.TrySetException(end);
            }

            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (QmpErrorAnswer e)
        {
            throw new OmnibusException("QmpCommandFailed", ErrorKind.ProgramFailed, $"QEMU refused '{command}': {e.Message}", command, inner: e);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Waits for an event; those that came since the connection was made and were not waited for are seen too.</summary>
    /// <param name="matches">Which event.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The event, or null when the time ran out or QEMU closed the connection.</returns>
    public async Task<QmpEvent?> WaitForEventAsync(Func<QmpEvent, bool> matches, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            await foreach (QmpEvent seen in _events.Reader.ReadAllAsync(deadline.Token).ConfigureAwait(false))
            {
                if (matches(seen))
                {
                    return seen;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return null;
    }

    /// <summary>Closes the connection. QEMU runs on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _closing.Dispose();
        _writing.Dispose();
    }

    private async Task WriteAsync(string command, JsonObject? arguments, long id, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["execute"] = command, ["id"] = id };
        if (arguments is not null)
        {
            request["arguments"] = arguments.DeepClone();
        }

        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request), (byte)'\n'];
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(line, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Broken(e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        Exception end = Broken(null);
        try
        {
            while (await _reader.ReadLineAsync(_closing.Token).ConfigureAwait(false) is { } line)
            {
                if (line.Length > 0)
                {
                    Dispatch(Parse(line));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or OmnibusException)
        {
            end = e is OmnibusException ? e : Broken(e);
        }

        _end = end;
        _events.Writer.TryComplete();
        foreach (TaskCompletionSource<JsonElement> waiting in _waiting.Values)
        {
            waiting.TrySetException(end);
        }
    }

    private void Dispatch(JsonElement message)
    {
        if (message.TryGetProperty("event", out JsonElement name))
        {
            _events.Writer.TryWrite(new QmpEvent(
                name.GetString() ?? string.Empty,
                message.TryGetProperty("data", out JsonElement data) ? data : default,
                ReadTime(message)));
            return;
        }

        if (!message.TryGetProperty("id", out JsonElement idElement)
            || idElement.ValueKind != JsonValueKind.Number
            || !idElement.TryGetInt64(out long id)
            || !_waiting.TryGetValue(id, out TaskCompletionSource<JsonElement>? answer))
        {
            return;
        }

        if (message.TryGetProperty("return", out JsonElement result))
        {
            answer.TrySetResult(result);
        }
        else if (message.TryGetProperty("error", out JsonElement error))
        {
            answer.TrySetException(new QmpErrorAnswer(Text(error, "desc") ?? Text(error, "class") ?? "unknown error"));
        }
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement message = document.RootElement.Clone();
            return message.ValueKind == JsonValueKind.Object ? message : throw new JsonException("not an object");
        }
        catch (JsonException e)
        {
            throw new OmnibusException("QmpInvalid", ErrorKind.Connection, "QEMU's control socket sent something that is no QMP message.", inner: e);
        }
    }

    private static Version ReadVersion(JsonElement greeting)
    {
        if (greeting.TryGetProperty("QMP", out JsonElement qmp)
            && qmp.ValueKind == JsonValueKind.Object
            && qmp.TryGetProperty("version", out JsonElement version)
            && version.ValueKind == JsonValueKind.Object
            && version.TryGetProperty("qemu", out JsonElement qemu)
            && qemu.ValueKind == JsonValueKind.Object)
        {
            return new Version(Number(qemu, "major"), Number(qemu, "minor"), Number(qemu, "micro"));
        }

        throw new OmnibusException("QmpInvalid", ErrorKind.Connection, "The control socket's greeting is not QEMU's.");
    }

    private static int Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0 ? number : 0;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset ReadTime(JsonElement message) =>
        message.TryGetProperty("timestamp", out JsonElement stamp)
        && stamp.ValueKind == JsonValueKind.Object
        && stamp.TryGetProperty("seconds", out JsonElement seconds)
        && seconds.ValueKind == JsonValueKind.Number
        && seconds.TryGetInt64(out long value)
        && value is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(value)
            : DateTimeOffset.UnixEpoch;

    private static OmnibusException Broken(Exception? inner) =>
        new("QmpUnreachable", ErrorKind.Connection, "QEMU closed its control connection.", inner: inner);

    private sealed class QmpErrorAnswer(string description) : Exception(description);
}
