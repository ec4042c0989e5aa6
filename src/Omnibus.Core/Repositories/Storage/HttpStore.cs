using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>What a web server gives out, as a store that can only be read: repositories of others.</summary>
/// <remarks>Writing and listing are refused with <c>StoreReadOnly</c>.</remarks>
public sealed class HttpStore : IObjectStore
{
    private const int Attempts = 3;
    private static readonly TimeSpan s_connectTime = TimeSpan.FromSeconds(30);

    // A server that sends nothing for so long sends nothing any more.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(1);

    // Redirects from https to http are not followed by the handler.
    private static readonly HttpClient s_client = new(new SocketsHttpHandler
    {
        ConnectTimeout = s_connectTime,
        MaxAutomaticRedirections = 5,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = DecompressionMethods.None,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Uri _root;
    private readonly AuthenticationHeaderValue? _authorization;

    /// <summary>Opens an address.</summary>
    /// <param name="root">An absolute http or https address of a folder. Name and password in it are sent as basic authentication.</param>
    /// <exception cref="OmnibusException"><c>StoreLocationInvalid</c>.</exception>
    public HttpStore(Uri root)
    {
        if (!root.IsAbsoluteUri || root.Scheme is not ("http" or "https"))
        {
            throw new OmnibusException("StoreLocationInvalid", ErrorKind.InvalidArgument, $"'{root}' is no http or https address.", root);
        }

        _root = new UriBuilder(root) { UserName = string.Empty, Password = string.Empty, Query = string.Empty, Fragment = string.Empty, Path = root.AbsolutePath.TrimEnd('/') + "/" }.Uri;
        _authorization = root.UserInfo.Length > 0
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(root.UserInfo))))
            : null;
    }

    /// <inheritdoc/>
    public string Location => _root.ToString();

    /// <inheritdoc/>
    public async Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken)
    {
        using HttpResponseMessage? response = await SendAsync(HttpMethod.Head, key, cancellationToken).ConfigureAwait(false);
        return response is null ? null : Describe(key, response);
    }

    /// <inheritdoc/>
    public async Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = await SendAsync(HttpMethod.Get, key, cancellationToken).ConfigureAwait(false);
        if (response is null)
        {
            return null;
        }

        Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new ObjectReading(Describe(key, response), new ResponseStream(this, key, response, content));
    }

    /// <inheritdoc/>
    public Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => throw ReadOnly();

    private static StoredObject Describe(string key, HttpResponseMessage response) =>
        new(key, response.Content.Headers.ContentLength ?? -1, response.Headers.ETag?.ToString() ?? string.Empty, response.Content.Headers.LastModified);

    private async Task<HttpResponseMessage?> SendAsync(HttpMethod method, string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        var address = new Uri(_root, string.Join('/', key.Split('/').Select(Uri.EscapeDataString)));
        for (int attempt = 1; ; attempt++)
        {
            HttpResponseMessage? response = null;
            string failure;
            try
            {
                response = await TrySendAsync(method, address, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                failure = $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}";
            }
            catch (HttpRequestException e)
            {
                failure = e.InnerException?.Message ?? e.Message;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                failure = $"the server says nothing for {s_silence.TotalSeconds:0} seconds";
            }

            HttpStatusCode? status = response?.StatusCode;
            response?.Dispose();
            switch (status)
            {
                // Buckets that may not be listed say so of everything that is not there.
                case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                case HttpStatusCode.Forbidden when _authorization is null:
                    return null;
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired:
                    throw new OmnibusException("StoreAccessDenied", ErrorKind.PermissionDenied, $"{address}: {failure}.", address, "Give a name and a password in the address, if the server asks for them.");
                // Some servers answer nothing but whole files; the body is not read then.
                case HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented when method == HttpMethod.Head:
                    method = HttpMethod.Get;
                    continue;
                case null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout when attempt < Attempts:
                    await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), cancellationToken).ConfigureAwait(false);
                    continue;
                default:
                    throw new OmnibusException("StoreFailed", ErrorKind.Connection, $"{address} cannot be read: {failure}.", address);
            }
        }
    }

    private async Task<HttpResponseMessage> TrySendAsync(HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Omnibus", null));
        request.Headers.Authorization = _authorization;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(s_silence + s_connectTime);
        return await s_client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
    }

    private OmnibusException ReadOnly() => new("StoreReadOnly", ErrorKind.Unsupported, $"{Location} can only be read.", Location, "Publish to a folder or to S3.");

    /// <summary>The body of an answer; a connection that breaks or falls silent is an error of the store.</summary>
    private sealed class ResponseStream(HttpStore owner, string key, HttpResponseMessage response, Stream content) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return content.Read(buffer);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw Broken(e.Message, e);
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            silence.CancelAfter(s_silence);
            try
            {
                return await content.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw Broken(e.Message, e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw Broken($"nothing came for {s_silence.TotalSeconds:0} seconds", e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                response.Dispose();
            }

            base.Dispose(disposing);
        }

        private OmnibusException Broken(string what, Exception inner) =>
            new("StoreFailed", ErrorKind.Connection, $"{owner.Location}{key} broke off: {what.TrimEnd('.')}.", key, inner: inner);
    }
}
