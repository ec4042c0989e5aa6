using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>A bucket, or a prefix in it, as an object store: AWS, Ceph's gateway and others that speak S3.</summary>
public sealed class S3Store : IObjectStore, IMeteredStore, IDisposable
{
    // Marks each write so that one whose answer was lost can be told from another publisher's.
    private const string WriteMark = "omnibus-write";

    // A failure to answer a refused upload can leave its body on the connection; the next request there is then misread.
    private const int ConfusedRetries = 3;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly AmazonS3Client _client;
    private readonly S3Connection _connection;
    private readonly SemaphoreSlim _probing = new(1, 1);
    private readonly ConcurrentDictionary<string, StoredObject> _seen = new(StringComparer.Ordinal);
    private S3Capabilities? _capabilities;

    /// <summary>Opens a store. Nothing is sent yet.</summary>
    /// <exception cref="OmnibusException"><c>StoreCredentialsMissing</c>, <c>StoreProfileUnknown</c>, <c>StoreRegionMissing</c>.</exception>
    public S3Store(S3Location location, S3Connection connection)
    {
        Place = location;
        _connection = connection;
        _client = S3ClientFactory.Create(location, connection, Usage);
    }

    /// <summary>Bucket and prefix.</summary>
    public S3Location Place { get; }

    /// <inheritdoc/>
    public string Location => Place.ToString();

    /// <inheritdoc/>
    public StoreUsage Usage { get; } = new();

    private string Endpoint => _client.Config.ServiceURL ?? _client.Config.RegionEndpoint?.SystemName ?? string.Empty;

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => RunAsync(key, async () =>
    {
        GetObjectMetadataResponse? found = await HeadAsync(key, cancellationToken).ConfigureAwait(false);
        return found is null ? null : _seen[key] = new StoredObject(key, found.ContentLength, Unquote(found.ETag), found.LastModified) { Sha256 = found.Metadata[S3ObjectHeaders.DigestName] };
    });

    /// <inheritdoc/>
    public Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken) => RunAsync(key, async () =>
    {
        try
        {
            GetObjectResponse response = await GetAsync(key, 0, null, cancellationToken).ConfigureAwait(false);
            if (string.IsNullOrEmpty(response.ResponseMetadata.RequestId) && response.Headers.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
            {
                // A web server that answers every address with its own page.
                response.Dispose();
                throw S3Errors.NotS3($"{Place}/{key}");
            }

            StoredObject found = _seen[key] = new StoredObject(key, response.ContentLength, Unquote(response.ETag), response.LastModified);
            return new ObjectReading(found, new S3ReadStream(this, found, response));
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    });

    /// <inheritdoc/>
    public async Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (options.Condition != PutCondition.Always)
        {
            S3Capabilities capabilities = await GetCapabilitiesAsync(cancellationToken).ConfigureAwait(false);
            if (!capabilities.Conditional && !_connection.AllowUnsafeStore)
            {
                throw new OmnibusException(
                    "StoreConditionsIgnored",
                    ErrorKind.Unsupported,
                    $"{Location}: this store ignores conditions on a PUT, so that publishers at the same time would lose each other's packages.",
                    Location,
                    "Use a store with conditional writes, or accept the risk with -AllowUnsafeStore when there is one publisher only.");
            }
        }

        if (options.Condition.IfMatch is { } replaced)
        {
            await WaitForNextSecondAsync(key, replaced, cancellationToken).ConfigureAwait(false);
        }

        if (length > Math.Max(_connection.PartSize, S3Upload.MinimumPartSize) && options.Condition == PutCondition.Always)
        {
            return await RunAsync(key, () => Upload(key, options).RunAsync(open, length, progress, cancellationToken)).ConfigureAwait(false);
        }

        if (length > Math.Max(_connection.PartSize, S3Upload.MinimumPartSize) && options is { Condition.IfAbsent: true, Sha256: { } sha256 })
        {
            return await RunAsync(key, () => Upload(key, options).RunIfAbsentAsync(key, open, length, sha256, progress, cancellationToken)).ConfigureAwait(false);
        }

        return await PutWholeAsync(key, open, options, _capabilities, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        // At most 1,000 keys a request (DeleteObjects).
        foreach (string[] chunk in keys.Chunk(1000))
        {
            await RunAsync<object?>(null, async () =>
            {
                if (chunk.Length == 1)
                {
                    await _client.DeleteObjectAsync(Place.Bucket, FullKey(chunk[0]), cancellationToken).ConfigureAwait(false);
                    return null;
                }

                await _client.DeleteObjectsAsync(
                    new DeleteObjectsRequest
                    {
                        BucketName = Place.Bucket,
                        Quiet = true,
                        Objects = [.. chunk.Select(key => new KeyVersion { Key = FullKey(key) })],
                    },
                    cancellationToken).ConfigureAwait(false);
                return null;
            }).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string root = Place.Prefix.Length == 0 ? string.Empty : Place.Prefix + "/";
        string? token = null;
        do
        {
            string? from = token;
            ListObjectsV2Response page = await RunAsync(prefix.Length == 0 ? null : prefix, () => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = Place.Bucket, Prefix = root + prefix, ContinuationToken = from },
                cancellationToken)).ConfigureAwait(false);
            foreach (S3Object item in page.S3Objects ?? [])
            {
                yield return new StoredObject(item.Key[root.Length..], item.Size ?? 0, Unquote(item.ETag), item.LastModified);
            }

            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (token is not null);
    }

    /// <inheritdoc/>
    public Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken) => RunAsync(targetKey, async () =>
    {
        S3ObjectHeaders headers = Headers(targetKey, options);
        var request = new CopyObjectRequest
        {
            SourceBucket = Place.Bucket,
            SourceKey = FullKey(sourceKey),
            DestinationBucket = Place.Bucket,
            DestinationKey = FullKey(targetKey),
            MetadataDirective = S3MetadataDirective.REPLACE,
            ContentType = headers.ContentType,
            CannedACL = headers.PublicRead ? S3CannedACL.PublicRead : null,
        };
        request.Headers.CacheControl = headers.CacheControl;
        try
        {
            await _client.CopyObjectAsync(request, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "NoSuchKey" or "NotImplemented")
        {
            return false;
        }
    });

    /// <inheritdoc/>
    public async Task AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await foreach (StoredObject stored in ListAsync(S3UploadClaim.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (!(stored.ModifiedTime >= before)
                && await this.ReadBytesAsync(stored.Key, S3UploadClaim.SizeLimit, cancellationToken).ConfigureAwait(false) is { } content
                && S3UploadClaim.Parse(content) is { } claim && S3UploadClaim.KeyOf(claim.Key) == stored.Key && ObjectKey.IsValid(claim.Key))
            {
                await Upload(claim.Key, new PutOptions()).ReleaseAsync(claim, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What the store does with conditions: probed once, then remembered for this endpoint and bucket.</summary>
    public async Task<S3Capabilities> GetCapabilitiesAsync(CancellationToken cancellationToken)
    {
        if (_capabilities is not null)
        {
            return _capabilities;
        }

        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _capabilities ??= S3Capabilities.Recall(Endpoint, Place.Bucket);
            if (_capabilities is null)
            {
                _capabilities = await S3Capabilities.ProbeAsync(this, cancellationToken).ConfigureAwait(false);
                _capabilities.Remember(Endpoint, Place.Bucket);
            }

            return _capabilities;
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _probing.Dispose();
    }

    internal Task<GetObjectResponse> GetAsync(string key, long from, string? etag, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = Place.Bucket, Key = FullKey(key) };
        if (from > 0)
        {
            request.ByteRange = new ByteRange(from, long.MaxValue);
            request.EtagToMatch = etag is null ? null : $"\"{etag}\"";
        }

        return _client.GetObjectAsync(request, cancellationToken);
    }

    /// <summary>Writes an object in one request, in the form that a store with these capabilities takes.</summary>
    internal Task<PutResult> PutWholeAsync(string key, Func<Stream> open, PutOptions options, S3Capabilities? capabilities, IProgress<long>? progress, CancellationToken cancellationToken) =>
        RunAsync(key, () => PutOnceAsync(key, open, options, capabilities, progress, cancellationToken));

    internal OmnibusException Translate(Exception e, string key) => S3Errors.Translate(e, Place, key);

    private static string Unquote(string? etag) => (etag ?? string.Empty).Trim('"');

    private static bool IsConfused(AmazonS3Exception e) =>
        e.StatusCode is HttpStatusCode.MethodNotAllowed || (e.StatusCode is HttpStatusCode.BadRequest && e.ErrorCode is "BadRequest" or null or "");

    private string FullKey(string key) => Place.Prefix.Length == 0 ? ObjectKey.Check(key) : $"{Place.Prefix}/{ObjectKey.Check(key)}";

    private async Task<GetObjectMetadataResponse?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetObjectMetadataAsync(Place.Bucket, FullKey(key), cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private S3ObjectHeaders Headers(string key, PutOptions options) => new(
        options.ContentType ?? ObjectKey.ContentTypeOf(key),
        options.Immutable ? "public, max-age=31536000, immutable" : "no-cache",
        _connection.PublicRead,
        options.Sha256);

    private S3Upload Upload(string key, PutOptions options) => new(this, _client, _connection, Place.Bucket, FullKey(key), Headers(key, options));

    private async Task<PutResult> PutOnceAsync(string key, Func<Stream> open, PutOptions options, S3Capabilities? capabilities, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        S3ObjectHeaders headers = Headers(key, options);
        string mark = Guid.NewGuid().ToString("n");
        var request = new PutObjectRequest
        {
            BucketName = Place.Bucket,
            Key = FullKey(key),
            InputStream = open(),
            AutoCloseStream = true,
            DisablePayloadSigning = false,

            // The content is read twice, for its digest and on its way. In return one signature covers it, which every store understands.
            UseChunkEncoding = false,
            CannedACL = headers.PublicRead ? S3CannedACL.PublicRead : null,
            ContentType = headers.ContentType,
        };
        request.Headers.CacheControl = headers.CacheControl;
        if (headers.Sha256 is { } sha256)
        {
            request.ChecksumSHA256 = Convert.ToBase64String(Convert.FromHexString(sha256));
            request.Metadata[S3ObjectHeaders.DigestName] = sha256;
        }

        if (options.Condition != PutCondition.Always)
        {
            request.Metadata[WriteMark] = mark;
            request.IfNoneMatch = options.Condition.IfAbsent ? "*" : null;
            request.IfMatch = options.Condition.IfMatch is { } etag ? (capabilities?.QuotedETag ?? true ? $"\"{etag}\"" : etag) : null;
        }

        if (progress is not null)
        {
            request.StreamTransferProgress = (_, e) => progress.Report(e.IncrementTransferred);
        }

        try
        {
            PutObjectResponse response = await _client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
            return new PutResult(true, Unquote(response.ETag));
        }
        catch (AmazonS3Exception e) when (options.Condition != PutCondition.Always
            && e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict or HttpStatusCode.NotFound && e.ErrorCode is not "NoSuchBucket")
        {
            // Our own write may have taken effect while its answer was lost, and the repeat met its result.
            GetObjectMetadataResponse? there = await HeadAsync(key, cancellationToken).ConfigureAwait(false);
            return there is not null && there.Metadata[WriteMark] == mark ? new PutResult(true, Unquote(there.ETag)) : new PutResult(false, null);
        }
    }

    // Clients ask If-Modified-Since, which knows whole seconds: a pointer that replaces one of the same second would never be
    // seen by a client that has that one. At most a second is waited, and only by publications that follow each other at once.
    private async Task WaitForNextSecondAsync(string key, string etag, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(key, out StoredObject? seen) && seen.ETag == etag && seen.ModifiedTime is { } modified)
        {
            TimeSpan wait = modified.AddTicks(TimeSpan.TicksPerSecond - (modified.Ticks % TimeSpan.TicksPerSecond)) - DateTimeOffset.UtcNow;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < s_second ? wait : s_second, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<T> RunAsync<T>(string? key, Func<Task<T>> request)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await request().ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (attempt <= ConfusedRetries && IsConfused(e))
            {
            }
            catch (Exception e) when (S3Errors.Handles(e))
            {
                throw S3Errors.Translate(e, Place, key);
            }
        }
    }
}
