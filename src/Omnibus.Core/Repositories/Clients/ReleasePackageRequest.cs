using Omnibus.Core.Packages;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Clients;

/// <summary>What the package that makes machines clients of a repository should be.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Address">Where clients find it.</param>
/// <param name="Keys">Its keys, and those that it will have.</param>
public sealed record ReleasePackageRequest(Repository Repository, string Address, IReadOnlyList<SigningKey> Keys)
{
    /// <summary>Name of the package; null: made from the repository's origin, label or folder, with <c>-release</c> at its end.</summary>
    public string? Name { get; init; }

    /// <summary>Version; without a release it gets one with the distribution's tag (<c>1+deb12</c>, <c>1.el9</c>). Other content needs a later one.</summary>
    public PackageVersion Version { get; init; } = new("1");

    /// <summary><c>Name &lt;mail&gt;</c>; null: the owner of the first key.</summary>
    public string? Maintainer { get; init; }

    /// <summary>Licence of the package.</summary>
    public string License { get; init; } = "CC0-1.0";

    /// <summary>Where clients find the testing channel, which is switched off at first; null: there is none.</summary>
    public string? TestingAddress { get; init; }

    /// <summary>The repository of the testing channel; null: it is like the main one.</summary>
    public Repository? TestingRepository { get; init; }

    /// <summary>The keys of the testing channel; null: those of the main one.</summary>
    public IReadOnlyList<SigningKey>? TestingKeys { get; init; }

    /// <summary>yum: for how long a client takes its copy of the metadata for fresh; null: what the client thinks right.</summary>
    public TimeSpan? MetadataExpire { get; init; }

    /// <summary>Replaces a package of the same name with other content.</summary>
    public bool Force { get; init; }
}
