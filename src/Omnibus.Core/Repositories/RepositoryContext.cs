using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>What the engine needs from its surroundings.</summary>
public sealed record RepositoryContext
{
    /// <summary>Opens the signer of some keys by their fingerprints; null: repositories that are signed cannot be written.</summary>
    /// <remarks>Throws <c>SigningKeyNotFound</c> or <c>SigningKeySecretMissing</c>.</remarks>
    public Func<IReadOnlyCollection<string>, CancellationToken, Task<ISigner>>? OpenSigner { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a publication is repeated while others are faster.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many objects are transferred at once.</summary>
    public int Parallelism { get; init; } = 8;
}
