using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.S3;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>Opens the client library the AWS way: environment, profile, SSO, assumed, container and instance roles.</summary>
internal static class S3ClientFactory
{
    // With a wrong clock the dates in what is published would be wrong, too: better an error than a silent correction.
    static S3ClientFactory() => AWSConfigs.CorrectForClockSkew = false;

    public static AmazonS3Client Create(S3Location location, S3Connection connection, StoreUsage usage, bool anonymous = false)
    {
        try
        {
            AWSCredentials credentials = anonymous ? new AnonymousAWSCredentials() : FindCredentials(connection.ProfileName);
            return new AmazonS3Client(credentials, Configure(connection, usage));
        }
        catch (Exception e) when (S3Errors.Handles(e))
        {
            throw S3Errors.Translate(e, location);
        }
    }

    private static AmazonS3Config Configure(S3Connection connection, StoreUsage usage)
    {
        var config = new AmazonS3Config
        {
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = connection.Retries,
            // Trailing checksums are an AWS extension that other stores refuse. Signed payloads and
            // x-amz-checksum-sha256 (which others ignore) guard the content instead.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientFactory = new MeteredHttpClientFactory(usage, connection.ThrottleLimit),
            Timeout = TimeSpan.FromMinutes(30),
        };
        bool ownEndpoint = connection.EndpointUrl is not null
            || Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL") is { Length: > 0 }
            || Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL_S3") is { Length: > 0 };
        config.ForcePathStyle = connection.PathStyle ?? ownEndpoint;
        if (connection.EndpointUrl is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = connection.Region ?? "us-east-1";
        }
        else if (connection.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else if (ProfileRegion(connection.ProfileName) is { } profileRegion)
        {
            config.RegionEndpoint = profileRegion;
        }

        return config;
    }

    private static AWSCredentials FindCredentials(string? profileName)
    {
        if (profileName is null)
        {
            return DefaultAWSCredentialsIdentityResolver.GetCredentials();
        }

        return new CredentialProfileStoreChain().TryGetAWSCredentials(profileName, out AWSCredentials credentials)
            ? credentials
            : throw new OmnibusException(
                "StoreProfileUnknown",
                ErrorKind.NotFound,
                $"There is no usable AWS profile '{profileName}'.",
                profileName,
                "List the profiles with 'aws configure list-profiles'; they live in ~/.aws/config and ~/.aws/credentials.");
    }

    private static RegionEndpoint? ProfileRegion(string? profileName) =>
        profileName is not null && new CredentialProfileStoreChain().TryGetProfile(profileName, out CredentialProfile profile) ? profile.Region : null;

    /// <summary>One HTTP client a store, which counts every request that really leaves, repeated ones included.</summary>
    private sealed class MeteredHttpClientFactory(StoreUsage usage, int throttleLimit) : Amazon.Runtime.HttpClientFactory
    {
        private readonly Lazy<HttpClient> _client = new(() => new HttpClient(new MeteringHandler(usage)
        {
            InnerHandler = new SocketsHttpHandler
            {
                MaxConnectionsPerServer = Math.Max(2, throttleLimit),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(15),
                AllowAutoRedirect = false,
            },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        });

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client.Value;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    private sealed class MeteringHandler(StoreUsage usage) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool write = request.Method == HttpMethod.Put || request.Method == HttpMethod.Post || request.Method == HttpMethod.Delete;
            bool list = request.Method == HttpMethod.Get && (request.RequestUri?.Query.Contains("list-type=", StringComparison.Ordinal) ?? false);
            usage.Count(write, list, request.Content?.Headers.ContentLength ?? 0);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
