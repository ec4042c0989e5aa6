using Amazon.S3;
using Amazon.S3.Model;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>One large object in parts, several at the same time. A failed upload is aborted, so that no part stays behind.</summary>
internal sealed class S3Upload(AmazonS3Client client, string bucket, string key, S3Connection connection, S3ObjectHeaders headers)
{
    // Limits of S3: parts of at least 5 MiB but for the last, at most 10,000 parts.
    public const long MinimumPartSize = 5 * 1024 * 1024;
    private const int MaximumParts = 10_000;
    private const int PartsAtOnce = 4;

    public async Task<PutResult> RunAsync(Func<Stream> open, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long partSize = Math.Max(Math.Max(connection.PartSize, MinimumPartSize), (length + MaximumParts - 1) / MaximumParts);
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = bucket,
            Key = key,
            ContentType = headers.ContentType,
            CannedACL = headers.PublicRead ? S3CannedACL.PublicRead : null,
        };
        begin.Headers.CacheControl = headers.CacheControl;
        string upload = (await client.InitiateMultipartUploadAsync(begin, cancellationToken).ConfigureAwait(false)).UploadId;
        try
        {
            var parts = new PartETag[(length + partSize - 1) / partSize];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, parts.Length),
                new ParallelOptions { MaxDegreeOfParallelism = Math.Min(PartsAtOnce, connection.ThrottleLimit), CancellationToken = cancellationToken },
                async (index, token) => parts[index] = await SendPartAsync(upload, index, open, partSize, length, progress, token).ConfigureAwait(false)).ConfigureAwait(false);
            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload, PartETags = [.. parts] },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(upload).ConfigureAwait(false);
            throw;
        }

        // The answer of some stores to the completion has no tag.
        GetObjectMetadataResponse made = await client.GetObjectMetadataAsync(bucket, key, cancellationToken).ConfigureAwait(false);
        return made.ContentLength == length
            ? new PutResult(true, made.ETag.Trim('"'))
            : throw new IOException($"The store kept {made.ContentLength} of {length} bytes.");
    }

    private async Task<PartETag> SendPartAsync(string upload, int index, Func<Stream> open, long partSize, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long from = index * partSize;
        Stream content = open();
        await using (content.ConfigureAwait(false))
        {
            content.Position = from;
            var request = new UploadPartRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = upload,
                PartNumber = index + 1,
                PartSize = Math.Min(partSize, length - from),
                InputStream = content,
                DisablePayloadSigning = false,
            };
            if (progress is not null)
            {
                request.StreamTransferProgress = (_, e) => progress.Report(e.IncrementTransferred);
            }

            UploadPartResponse response = await client.UploadPartAsync(request, cancellationToken).ConfigureAwait(false);
            return new PartETag(index + 1, response.ETag);
        }
    }

    private async Task AbortAsync(string upload)
    {
        try
        {
            await client.AbortMultipartUploadAsync(bucket, key, upload, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Errors.Handles(e))
        {
            // The first failure is the one to tell; the store's own lifecycle removes the parts.
        }
    }
}
