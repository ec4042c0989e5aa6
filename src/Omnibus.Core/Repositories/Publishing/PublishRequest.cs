using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Core.Repositories.Publishing;

/// <summary>What is published where.</summary>
/// <param name="Source">The repository.</param>
/// <param name="Destination"><c>s3://bucket/prefix</c>, or an absolute folder.</param>
public sealed record PublishRequest(Repository Source, string Destination)
{
    /// <summary>What happens to packages that are at the destination only.</summary>
    public PublishMode Mode { get; init; }

    /// <summary>Where below the destination packages go.</summary>
    public PublishChannel Channel { get; init; } = PublishChannel.Usual;

    /// <summary>How an S3 service is reached.</summary>
    public S3Connection Connection { get; init; } = new();

    /// <summary>Replaces published bytes of the same version, where the destination is mutable.</summary>
    public bool Force { get; init; }

    /// <summary>Only says what would be done. Nothing is sent.</summary>
    public bool PlanOnly { get; init; }
}
