using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Delivery;

/// <summary>What became of a recipe's packages in its repository.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">What was published.</param>
public sealed record RepositoryDelivery(Repository Repository, RepositoryCommit Commit)
{
    /// <summary>The key that was made for it, or null where there was one.</summary>
    public SigningKey? NewKey { get; init; }

    /// <summary>The package that makes machines its clients, or null where no address is planned.</summary>
    public PackageFile? ReleasePackage { get; init; }

    /// <summary>What was published at the planned destination.</summary>
    public IReadOnlyList<PublishResult> Published { get; init; } = [];
}
