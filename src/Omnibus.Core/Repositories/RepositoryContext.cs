using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>What the engine needs from its surroundings.</summary>
public sealed record RepositoryContext
{
    /// <summary>Finds a signer by the fingerprint of its key; null: repositories that are signed cannot be written.</summary>
    /// <remarks>Throws <c>SigningKeyNotFound</c> or <c>SigningKeySecretMissing</c>.</remarks>
    public Func<string, CancellationToken, Task<ISigner>>? FindSigner { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a publication is repeated while others are faster.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many objects are transferred at once.</summary>
    public int Parallelism { get; init; } = 8;
}
