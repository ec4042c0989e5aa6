using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Vms.Testing;

/// <summary>A signed repository as a package manager is told of it.</summary>
/// <param name="Format">Name of the repository's format: <c>Apt</c> or <c>Yum</c>.</param>
/// <param name="Suite">apt: the folder under <c>dists/</c>, or <c>./</c> of a flat repository.</param>
/// <param name="Components">apt: its components; none in a flat repository.</param>
/// <param name="PublicKey">The keys that sign it, armored.</param>
public sealed record GuestRepository(string Format, string Suite, IReadOnlyList<string> Components, string PublicKey)
{
    /// <summary>Its folder on the host, to be served while the test runs; null when <see cref="Uri"/> is given.</summary>
    public string? Folder { get; init; }

    /// <summary>Its address as the guest reaches it; null when <see cref="Folder"/> is given.</summary>
    public Uri? Uri { get; init; }

    /// <summary>Describes a repository of Omnibus in a folder.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryUnsigned</c>, <c>RepositoryNotLocal</c>, <c>SigningKeyNotFound</c>.</exception>
    public static async Task<GuestRepository> FromAsync(Repository repository, SigningKeyStore keys, CancellationToken cancellationToken = default)
    {
        RepositoryConfiguration configuration = repository.Configuration;
        if (configuration.SigningKeys.Count == 0)
        {
            throw new OmnibusException("RepositoryUnsigned", ErrorKind.Security, $"{repository.Location} is not signed: no client should install from it.", repository.Location, "Make a signed one with New-Repository -SigningKey and copy the packages with Copy-RepoPackage.");
        }

        IReadOnlyList<SigningKey> found = await new SignerSource(keys).FindAsync(configuration.SigningKeys, cancellationToken).ConfigureAwait(false);
        bool flat = configuration.Layout == RepositoryLayout.Flat;
        return new GuestRepository(
            configuration.Type,
            flat ? "./" : configuration.Apt?.Codename ?? string.Empty,
            flat ? [] : configuration.Components,
            System.Text.Encoding.ASCII.GetString(SigningKeyStore.ExportPublic(found, armor: true)))
        {
            Folder = repository.Store is DirectoryStore store
                ? store.Location
                : throw new OmnibusException("RepositoryNotLocal", ErrorKind.Unsupported, $"{repository.Location} is not on this host.", repository.Location, "Test the local repository before it is published."),
        };
    }
}
