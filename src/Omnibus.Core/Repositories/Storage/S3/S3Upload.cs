using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>One large object in parts, several at the same time.</summary>
internal sealed class S3Upload(S3Store store, AmazonS3Client client, S3Connection connection, string bucket, string fullKey, S3ObjectHeaders headers)
{
    // Limits of S3: parts of at least 5 MiB but for the last, at most 10,000 parts.
    public const long MinimumPartSize = 5 * 1024 * 1024;
    private const int MaximumParts = 10_000;
    private const int PartsAtOnce = 4;
    private const int ClaimAttempts = 5;
    private const int CompletionWaits = 120;
    private static readonly TimeSpan s_completionWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Writes an object, whatever is there. A failed upload is aborted, so that no part stays behind.</summary>
    public async Task<PutResult> RunAsync(Func<Stream> open, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        string upload = await InitiateAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            (PartETag[] parts, _) = await SendAsync(upload, PartSizeFor(length), [], open, length, progress, cancellationToken).ConfigureAwait(false);
            await CompleteAsync(upload, parts, onlyIfAbsent: false, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(upload, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return await VerifyAsync(length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes an object whose key has none yet. An upload that was broken off goes on with the parts that are there and right; one that
    /// breaks off stays for the next run, or for the clean-up after the grace period.
    /// </summary>
    /// <returns>Not stored when there is an object, or when somebody else is just sending other bytes for the key.</returns>
    public async Task<PutResult> RunIfAbsentAsync(string key, Func<Stream> open, long length, string sha256, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (await ClaimAsync(key, length, sha256, cancellationToken).ConfigureAwait(false) is not { } claimed)
        {
            return new PutResult(false, null);
        }

        // Looked for after the claim: whoever finished before has released its own only when its object was there.
        (S3UploadClaim claim, List<PartDetail> there) = claimed;
        if (await store.FindAsync(key, cancellationToken).ConfigureAwait(false) is not null)
        {
            await ReleaseAsync(claim, cancellationToken).ConfigureAwait(false);
            return new PutResult(false, null);
        }

        long sent;
        try
        {
            (PartETag[] parts, sent) = await SendAsync(claim.UploadId, claim.PartSize, there, open, length, progress, cancellationToken).ConfigureAwait(false);
            // Stores differ in whether they know the condition here, so that it is looked at in both ways.
            if (await store.FindAsync(key, cancellationToken).ConfigureAwait(false) is not null
                || !await CompleteAsync(claim.UploadId, parts, onlyIfAbsent: true, cancellationToken).ConfigureAwait(false))
            {
                await ReleaseAsync(claim, cancellationToken).ConfigureAwait(false);
                return new PutResult(false, null);
            }
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload" && !cancellationToken.IsCancellationRequested)
        {
            // Finished by another publisher of the same bytes, or by ourselves and the answer was lost.
            sent = 0;
        }

        PutResult result = await VerifyAsync(length, cancellationToken).ConfigureAwait(false);
        await store.DeleteAsync([S3UploadClaim.KeyOf(key)], cancellationToken).ConfigureAwait(false);
        return result with { BytesSent = sent };
    }

    /// <summary>Gives up the upload of a claim: its parts go.</summary>
    public async Task ReleaseAsync(S3UploadClaim claim, CancellationToken cancellationToken)
    {
        await AbortAsync(claim.UploadId, cancellationToken).ConfigureAwait(false);
        await store.DeleteAsync([S3UploadClaim.KeyOf(claim.Key)], cancellationToken).ConfigureAwait(false);
    }

    private long PartSizeFor(long length) => Math.Max(Math.Max(connection.PartSize, MinimumPartSize), (length + MaximumParts - 1) / MaximumParts);

    private async Task<(S3UploadClaim Claim, List<PartDetail> Parts)?> ClaimAsync(string key, long length, string sha256, CancellationToken cancellationToken)
    {
        string claimKey = S3UploadClaim.KeyOf(key);
        for (int attempt = 0; attempt < ClaimAttempts; attempt++)
        {
            if (await store.ReadBytesAsync(claimKey, S3UploadClaim.SizeLimit, cancellationToken).ConfigureAwait(false) is { } content)
            {
                S3UploadClaim? found = S3UploadClaim.Parse(content);
                if (found is not null && (found.Sha256 != sha256 || found.Length != length || found.Key != key))
                {
                    return null;
                }

                if (found is not null && await ListPartsAsync(found.UploadId, cancellationToken).ConfigureAwait(false) is { } parts)
                {
                    return (found, parts);
                }

                // Its upload is over.
                await store.DeleteAsync([claimKey], cancellationToken).ConfigureAwait(false);
            }

            string upload = await InitiateAsync(cancellationToken).ConfigureAwait(false);
            var claim = new S3UploadClaim(key, sha256, length, PartSizeFor(length), upload);
            PutResult put = await store.PutBytesAsync(claimKey, claim.ToBytes(), new PutOptions { Condition = PutCondition.Absent }, cancellationToken).ConfigureAwait(false);
            if (put.Stored)
            {
                return (claim, []);
            }

            await AbortAsync(upload, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private async Task<string> InitiateAsync(CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = bucket,
            Key = fullKey,
            ContentType = headers.ContentType,
            CannedACL = headers.PublicRead ? S3CannedACL.PublicRead : null,
        };
        request.Headers.CacheControl = headers.CacheControl;
        if (headers.Sha256 is { } sha256)
        {
            request.Metadata[S3ObjectHeaders.DigestName] = sha256;
        }

        return (await client.InitiateMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false)).UploadId;
    }

    // Null when there is no such upload.
    private async Task<List<PartDetail>?> ListPartsAsync(string upload, CancellationToken cancellationToken)
    {
        var parts = new List<PartDetail>();
        string? marker = null;
        do
        {
            ListPartsResponse page;
            try
            {
                page = await client.ListPartsAsync(new ListPartsRequest { BucketName = bucket, Key = fullKey, UploadId = upload, PartNumberMarker = marker }, cancellationToken).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload" || e.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            parts.AddRange(page.Parts ?? []);
            marker = page.IsTruncated == true ? page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        }
        while (marker is not null);
        return parts;
    }

    private async Task<(PartETag[] Parts, long Sent)> SendAsync(
        string upload, long partSize, List<PartDetail> there, Func<Stream> open, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var parts = new PartETag[(length + partSize - 1) / partSize];
        var known = there.Where(p => p.PartNumber is not null).ToDictionary(p => p.PartNumber!.Value);
        long sent = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Min(PartsAtOnce, connection.ThrottleLimit), CancellationToken = cancellationToken },
            async (index, token) =>
            {
                long size = Math.Min(partSize, length - (index * partSize));
                Stream content = open();
                await using (content.ConfigureAwait(false))
                {
                    if (known.TryGetValue(index + 1, out PartDetail? part) && part.Size == size && await IsSameAsync(part, content, index * partSize, size, token).ConfigureAwait(false))
                    {
                        parts[index] = new PartETag(index + 1, part.ETag);
                        progress?.Report(size);
                        return;
                    }

                    content.Position = index * partSize;
                    parts[index] = await SendPartAsync(upload, index + 1, content, size, progress, token).ConfigureAwait(false);
                    Interlocked.Add(ref sent, size);
                }
            }).ConfigureAwait(false);
        return (parts, sent);
    }

    // The tag of a part is the MD5 of its bytes. Where it is not (parts encrypted with keys of a key service), the part is sent again.
    private static async Task<bool> IsSameAsync(PartDetail part, Stream content, long from, long size, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] buffer = new byte[128 * 1024];
        content.Position = from;
        while (size > 0)
        {
            int count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, size)), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            hash.AppendData(buffer, 0, count);
            size -= count;
        }

        return part.ETag.Trim('"').Equals(Convert.ToHexString(hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase);
    }

    private async Task<PartETag> SendPartAsync(string upload, int number, Stream content, long size, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var request = new UploadPartRequest
        {
            BucketName = bucket,
            Key = fullKey,
            UploadId = upload,
            PartNumber = number,
            PartSize = size,
            InputStream = content,
            DisablePayloadSigning = false,
        };
        if (progress is not null)
        {
            request.StreamTransferProgress = (_, e) => progress.Report(e.IncrementTransferred);
        }

        return new PartETag(number, (await client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false)).ETag);
    }

    private async Task<bool> CompleteAsync(string upload, PartETag[] parts, bool onlyIfAbsent, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest { BucketName = bucket, Key = fullKey, UploadId = upload, PartETags = [.. parts], IfNoneMatch = onlyIfAbsent ? "*" : null };
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (AmazonS3Exception e) when (onlyIfAbsent && e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
            {
                return false;
            }
            catch (AmazonS3Exception e) when (attempt <= CompletionWaits && IsCompleting(e))
            {
                // Another publisher of the same bytes, or our own request whose answer was lost, is about to end this upload. Once it has,
                // the object is there and the upload is not.
                await Task.Delay(s_completionWait, cancellationToken).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (attempt > 1 && e.ErrorCode == "NoSuchUpload")
            {
                return true;
            }
        }
    }

    // Ceph's gateway answers like this while the first of two completions is at work.
    private static bool IsCompleting(AmazonS3Exception e) =>
        e.ErrorCode == "InternalError" && e.Message.Contains("already in progress", StringComparison.OrdinalIgnoreCase);

    // The answer of some stores to the completion has no tag.
    private async Task<PutResult> VerifyAsync(long length, CancellationToken cancellationToken)
    {
        GetObjectMetadataResponse made = await client.GetObjectMetadataAsync(bucket, fullKey, cancellationToken).ConfigureAwait(false);
        return made.ContentLength == length
            ? new PutResult(true, made.ETag.Trim('"'))
            : throw new IOException($"The store kept {made.ContentLength} of {length} bytes.");
    }

    private async Task AbortAsync(string upload, CancellationToken cancellationToken)
    {
        try
        {
            await client.AbortMultipartUploadAsync(bucket, fullKey, upload, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Errors.Handles(e))
        {
            // Over already; or the first failure is the one to tell, and the store's own lifecycle removes the parts.
        }
    }
}
