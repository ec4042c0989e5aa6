using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>A small HTTP server in this process, for where nginx is not installed.</summary>
internal sealed class EmbeddedServer
{
    // Servers of this process by port, so that a later command in it can stop them.
    private static readonly ConcurrentDictionary<int, EmbeddedServer> s_running = new();
    private readonly HttpListener _listener = new();
    private readonly IReadOnlyList<ServedFolder> _folders;
    private readonly string _log;
    private readonly Lock _logging = new();

    private EmbeddedServer(IReadOnlyList<ServedFolder> folders, string log)
    {
        // The longest path first, so that /a/b/ wins over /a/.
        _folders = [.. folders.OrderByDescending(folder => folder.UrlPath.Length)];
        _log = log;
    }

    /// <summary>Starts serving.</summary>
    /// <returns>This process.</returns>
    public static RunningProcess Start(ServerRequest request, int port, string log)
    {
        var server = new EmbeddedServer(request.Folders, log);
        string host = request.Address.Equals(IPAddress.Any) || request.Address.Equals(IPAddress.IPv6Any)
            ? "+"
            : request.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{request.Address}]" : request.Address.ToString();
        server._listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}/"));
        try
        {
            server._listener.Start();
        }
        catch (HttpListenerException e)
        {
            throw new OmnibusException("ServerNotStarted", ErrorKind.ProgramFailed, $"The embedded server did not start: {e.Message}", request.Name, inner: e);
        }

        s_running[port] = server;
        _ = Task.Run(server.AcceptAsync);
        return RunningProcess.Find(Environment.ProcessId)!;
    }

    /// <summary>Stops the server on a port of this process.</summary>
    public static bool Stop(int port)
    {
        if (!s_running.TryRemove(port, out EmbeddedServer? server))
        {
            return false;
        }

        server._listener.Close();
        return true;
    }

    private async Task AcceptAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        HttpListenerResponse response = context.Response;
        try
        {
            await AnswerAsync(context.Request, response).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The client went away.
        }
        finally
        {
            Log(context.Request, response);
            try
            {
                response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
            }
        }
    }

    private async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        if (request.HttpMethod is not ("GET" or "HEAD"))
        {
            response.StatusCode = (int)HttpStatusCode.MethodNotAllowed;
            response.Headers["Allow"] = "GET, HEAD";
            return;
        }

        FileInfo? file = Resolve(request.Url?.AbsolutePath ?? "/");
        if (file is null)
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            return;
        }

        var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, useAsync: true);
        await using (content.ConfigureAwait(false))
        {
            long length = content.Length;
            DateTime modified = file.LastWriteTimeUtc;
            string etag = string.Create(CultureInfo.InvariantCulture, $"\"{modified.Ticks:x}-{length:x}\"");
            response.Headers["ETag"] = etag;
            response.Headers["Last-Modified"] = modified.ToString("R", CultureInfo.InvariantCulture);
            response.Headers["Cache-Control"] = CachePolicy.For(request.Url!.AbsolutePath);
            response.Headers["Accept-Ranges"] = "bytes";
            response.Headers["X-Content-Type-Options"] = "nosniff";
            response.ContentType = Repositories.Storage.ObjectKey.ContentTypeOf(file.Name);
            if (IsUnchanged(request, etag, modified))
            {
                response.StatusCode = (int)HttpStatusCode.NotModified;
                return;
            }

            ByteRange range = ByteRange.Parse(IfRangeHolds(request, etag, modified) ? request.Headers["Range"] : null, length);
            if (range.Unsatisfiable)
            {
                response.StatusCode = (int)HttpStatusCode.RequestedRangeNotSatisfiable;
                response.Headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes */{length}");
                return;
            }

            if (range.Partial)
            {
                response.StatusCode = (int)HttpStatusCode.PartialContent;
                response.Headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {range.From}-{range.From + range.Length - 1}/{length}");
            }

            response.ContentLength64 = range.Length;
            if (request.HttpMethod == "GET")
            {
                content.Position = range.From;
                await CopyAsync(content, response.OutputStream, range.Length).ConfigureAwait(false);
            }
        }
    }

    private static async Task CopyAsync(FileStream content, Stream target, long count)
    {
        byte[] buffer = new byte[64 * 1024];
        while (count > 0)
        {
            int read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count))).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            await target.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
            count -= read;
        }
    }

    private static bool IsUnchanged(HttpListenerRequest request, string etag, DateTime modified)
    {
        // RFC 9110 section 13.2.2: If-None-Match decides alone where it is given.
        if (request.Headers["If-None-Match"] is { } tags)
        {
            return tags == "*" || tags.Split(',').Any(tag => tag.Trim() == etag || tag.Trim() == "W/" + etag);
        }

        return TryDate(request.Headers["If-Modified-Since"], out DateTime since) && modified <= since.AddSeconds(1).AddTicks(-1);
    }

    private static bool IfRangeHolds(HttpListenerRequest request, string etag, DateTime modified) =>
        request.Headers["If-Range"] is not { } condition
        || condition == etag
        || (TryDate(condition, out DateTime since) && modified <= since.AddSeconds(1).AddTicks(-1));

    private static bool TryDate(string? text, out DateTime time) => DateTime.TryParseExact(
        text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private FileInfo? Resolve(string urlPath)
    {
        string path = Uri.UnescapeDataString(urlPath);
        ServedFolder? served = _folders.FirstOrDefault(folder => path.StartsWith(folder.UrlPath, StringComparison.Ordinal));
        if (served is null || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        string current = served.Folder;
        foreach (string part in path[served.UrlPath.Length..].Split('/'))
        {
            // Hidden state, '.' and '..' begin with a dot; a link could leave the folder.
            if (part.Length == 0 || part[0] == '.')
            {
                return null;
            }

            current = Path.Combine(current, part);
            if (new FileInfo(current).LinkTarget is not null)
            {
                return null;
            }
        }

        var file = new FileInfo(current);
        return file.Exists ? file : null;
    }

    private void Log(HttpListenerRequest request, HttpListenerResponse response)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{request.RemoteEndPoint?.Address} [{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ}] \"{request.HttpMethod} {request.Url?.AbsolutePath}\" {response.StatusCode}\n");
        lock (_logging)
        {
            try
            {
                File.AppendAllText(_log, line);
            }
            catch (IOException)
            {
                // A log that cannot be written must not end the service.
            }
        }
    }
}
