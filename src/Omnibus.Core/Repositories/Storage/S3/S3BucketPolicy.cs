using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>The policy that lets everyone read a repository and nobody else do more.</summary>
public static class S3BucketPolicy
{
    private const string StatementPrefix = "OmnibusPublicRead";

    /// <summary>Makes a repository's objects readable for everyone, keeping the bucket's other statements, and proves it by a read without credentials.</summary>
    /// <param name="location">Bucket and prefix.</param>
    /// <param name="connection">How to reach it.</param>
    /// <param name="createBucket">Makes the bucket when it is missing.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The policy document that is now in force.</returns>
    /// <exception cref="OmnibusException"><c>StoreNotFound</c>, <c>StoreAccessDenied</c>, <c>BucketPolicyIneffective</c> (a read without credentials was still refused: public access is blocked above the bucket).</exception>
    public static async Task<string> AllowPublicReadAsync(S3Location location, S3Connection connection, bool createBucket, CancellationToken cancellationToken)
    {
        var usage = new StoreUsage();
        using AmazonS3Client client = S3ClientFactory.Create(location, connection, usage);
        try
        {
            if (createBucket)
            {
                await CreateBucketAsync(client, location, cancellationToken).ConfigureAwait(false);
            }

            string? current = await ReadAsync(client, location, cancellationToken).ConfigureAwait(false);
            string policy = Merge(current, location);
            if (policy != current)
            {
                await client.PutBucketPolicyAsync(location.Bucket, policy, cancellationToken).ConfigureAwait(false);
            }

            await VerifyAsync(client, location, connection, usage, cancellationToken).ConfigureAwait(false);
            return policy;
        }
        catch (Exception e) when (S3Errors.Handles(e))
        {
            throw S3Errors.Translate(e, location);
        }
    }

    /// <summary>The document: what is there, with our statement for this prefix in it once.</summary>
    internal static string Merge(string? current, S3Location location)
    {
        JsonObject document = (current is null ? null : JsonNode.Parse(current)) as JsonObject ?? new JsonObject { ["Version"] = "2012-10-17" };
        JsonArray statements = document["Statement"] switch
        {
            JsonArray array => array,
            JsonObject single => [single.DeepClone()],
            _ => [],
        };
        string root = location.Prefix.Length == 0 ? location.Bucket : $"{location.Bucket}/{location.Prefix}";
        string id = StatementPrefix + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(root)))[..12];
        for (int i = statements.Count - 1; i >= 0; i--)
        {
            if (statements[i]?["Sid"]?.GetValue<string>() is { } sid && sid.StartsWith(id, StringComparison.Ordinal))
            {
                statements.RemoveAt(i);
            }
        }

        statements.Add(AllowRead(id, $"arn:aws:s3:::{root}/*"));
        document["Statement"] = statements.DeepClone();
        return document.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonObject AllowRead(string id, string resource) => new()
    {
        ["Sid"] = id,
        ["Effect"] = "Allow",
        ["Principal"] = "*",
        ["Action"] = new JsonArray("s3:GetObject"),
        ["Resource"] = new JsonArray(resource),
    };

    private static async Task CreateBucketAsync(AmazonS3Client client, S3Location location, CancellationToken cancellationToken)
    {
        try
        {
            await client.PutBucketAsync(location.Bucket, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "BucketAlreadyOwnedByYou")
        {
        }
    }

    private static async Task<string?> ReadAsync(AmazonS3Client client, S3Location location, CancellationToken cancellationToken)
    {
        try
        {
            string policy = (await client.GetBucketPolicyAsync(location.Bucket, cancellationToken).ConfigureAwait(false)).Policy;
            // Where there is none, the client library hands out the service's XML error as if it were the document.
            return policy is { Length: > 0 } && policy.TrimStart().StartsWith('{') ? policy : null;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucketPolicy")
        {
            return null;
        }
    }

    private static async Task VerifyAsync(AmazonS3Client client, S3Location location, S3Connection connection, StoreUsage usage, CancellationToken cancellationToken)
    {
        string name = $"omnibus-read-check-{Guid.NewGuid():n}";
        string key = location.Prefix.Length == 0 ? name : $"{location.Prefix}/{name}";
        await client.PutObjectAsync(new PutObjectRequest { BucketName = location.Bucket, Key = key, ContentBody = "readable" }, cancellationToken).ConfigureAwait(false);
        try
        {
            using AmazonS3Client anyone = S3ClientFactory.Create(location, connection, usage, anonymous: true);
            using GetObjectResponse response = await anyone.GetObjectAsync(location.Bucket, key, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            throw new OmnibusException(
                "BucketPolicyIneffective",
                ErrorKind.PermissionDenied,
                $"{location}: the policy is set, but a read without credentials is still refused.",
                location.ToString(),
                "Lift 'Block public access' of the bucket and the account.",
                e);
        }
        finally
        {
            await client.DeleteObjectAsync(location.Bucket, key, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
