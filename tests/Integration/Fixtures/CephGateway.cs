using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>Ceph's gateway with the users of the tests, shared by all tests of the collection. Credentials are in the environment and in profiles.</summary>
public sealed class CephGateway : IAsyncLifetime
{
    /// <summary>A profile of the user whose buckets the tests write.</summary>
    public const string Profile = "omnibus-release";

    /// <summary>A profile of another user, who may do nothing with these buckets.</summary>
    public const string StrangerProfile = "omnibus-stranger";

    /// <summary>A profile with a wrong secret.</summary>
    public const string WrongSecretProfile = "omnibus-mistaken";

    private readonly ScratchFolder _folder = new();
    private CephCluster? _cluster;
    private CephUser? _user;

    public Uri Endpoint => _cluster!.Endpoint;

    public string AccessKey => _user!.AccessKey;

    public string SecretKey => _user!.SecretKey;

    /// <summary>The secret that no store knows.</summary>
    public string WrongSecret { get; } = $"{Guid.NewGuid():n}{Guid.NewGuid():n}"[..40];

    /// <summary>The file with the profiles.</summary>
    public string CredentialsFile => Path.Combine(_folder.Path, "credentials");

    /// <summary>A connection to the gateway, or to a proxy before it. The credentials are in this process's environment.</summary>
    public S3Connection Connect(Uri? endpoint = null) => new() { EndpointUrl = endpoint ?? Endpoint, Region = "us-east-1" };

    /// <summary>A bucket that no other test uses.</summary>
    public async Task<S3Location> NewBucketAsync()
    {
        var place = new S3Location($"test-{Guid.NewGuid():n}", "archive");
        await S3BucketPolicy.AllowPublicReadAsync(place, Connect(), createBucket: true, CancellationToken.None);
        return place;
    }

    /// <summary>Probes through a proxy, so that its faults and counts begin with what is tested.</summary>
    public async Task RememberCapabilitiesAsync(S3Location place, Uri endpoint)
    {
        using var store = new S3Store(place, Connect(endpoint));
        await store.GetCapabilitiesAsync(CancellationToken.None);
    }

    public async Task InitializeAsync()
    {
        _cluster = await CephCluster.StartAsync();
        _user = await _cluster.NewUserAsync("publisher");
        CephUser stranger = await _cluster.NewUserAsync("stranger");
        await File.WriteAllTextAsync(CredentialsFile, $"""
            [{Profile}]
            aws_access_key_id = {AccessKey}
            aws_secret_access_key = {SecretKey}
            [{StrangerProfile}]
            aws_access_key_id = {stranger.AccessKey}
            aws_secret_access_key = {stranger.SecretKey}
            [{WrongSecretProfile}]
            aws_access_key_id = {AccessKey}
            aws_secret_access_key = {WrongSecret}

            """);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", CredentialsFile);
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretKey);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }

    public Task DisposeAsync()
    {
        _cluster?.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>The tests that share one gateway.</summary>
[CollectionDefinition(Name)]
public sealed class CephCollection : ICollectionFixture<CephGateway>
{
    public const string Name = "Ceph";
}
