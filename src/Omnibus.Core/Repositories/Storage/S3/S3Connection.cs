namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>How an S3 service is reached. Secrets are never held here: they come from the environment, a profile, SSO or a role.</summary>
public sealed record S3Connection
{
    /// <summary>Profile of the AWS configuration files; null: the usual chain (environment, default profile, container and instance roles).</summary>
    public string? ProfileName { get; init; }

    /// <summary>Region; null: from the environment or profile.</summary>
    public string? Region { get; init; }

    /// <summary>Address of a service other than AWS, or null.</summary>
    public Uri? EndpointUrl { get; init; }

    /// <summary>Bucket in the path instead of the host name; null: on for any endpoint of one's own.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Makes each written object publicly readable by its ACL. A bucket policy is the better way.</summary>
    public bool PublicRead { get; init; }

    /// <summary>Publishes to a store that ignores conditions: publishers at the same time may then lose each other's packages.</summary>
    public bool AllowUnsafeStore { get; init; }

    /// <summary>Requests at the same time.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>Objects larger than this many bytes travel in parts.</summary>
    public long PartSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>How often a failed request is repeated, with back-off.</summary>
    public int Retries { get; init; } = 6;
}
