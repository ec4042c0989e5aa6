using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>
/// How one kind of repository is laid out and indexed. The engine does the publishing: it calls <see cref="MergeAsync"/>, uploads
/// what comes of it, and writes the pointer last. A format reads the store and writes only to the staging folder.
/// </summary>
public interface IRepositoryFormat
{
    /// <summary><c>Apt</c> or <c>Yum</c>.</summary>
    string Name { get; }

    /// <summary>Name of the package format that it holds: <c>Deb</c> or <c>Rpm</c>.</summary>
    string PackageFormat { get; }

    /// <summary>Ends of the names of files that it takes out of folders.</summary>
    IReadOnlyList<string> FileExtensions { get; }

    /// <summary>Its name for packages of every architecture: <c>all</c> or <c>noarch</c>.</summary>
    string AnyArchitecture { get; }

    /// <summary>What its clients' names begin with in the key policy: <c>apt</c> or <c>rpm</c>.</summary>
    string ClientFamily { get; }

    /// <summary>Holds a configuration against the format's rules and fills in what was left out.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryConfigurationInvalid</c>.</exception>
    RepositoryConfiguration Complete(RepositoryConfiguration configuration);

    /// <summary>Key of the file that is the commit.</summary>
    string PointerKey(RepositoryConfiguration configuration);

    /// <summary>Whether a key is one of this repository's own files, so that what nothing names can be told from foreign files.</summary>
    bool OwnsKey(RepositoryConfiguration configuration, string key);

    /// <summary>Reads a package file as far as the index needs it.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>, <c>RepositoryArchitectureMismatch</c>, <c>RepositoryComponentUnknown</c>.</exception>
    Task<PreparedPackage> PrepareAsync(PackageAddition addition, RepositoryConfiguration configuration, CancellationToken cancellationToken);

    /// <summary>Whether packages of this format carry signatures of their own, which clients check.</summary>
    bool SignsPackages => false;

    /// <summary>Writes a signed copy of a package, where packages of this format carry signatures of their own.</summary>
    /// <param name="repository">The repository that it is to go into.</param>
    /// <param name="path">The package.</param>
    /// <param name="folder">Takes the copy.</param>
    /// <param name="signer">The repository's keys.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>
    /// The signed package: the copy; <paramref name="path"/> itself when it is signed by all these keys already; or a copy of what is published
    /// when that differs in nothing but its signatures and one of these keys has signed it.
    /// </returns>
    /// <exception cref="OmnibusException"><c>PackageSigningUnsupported</c>, <c>PackageNotFound</c>, <c>PackageUnreadable</c>, <c>PackageWriteFailed</c>, errors of signing.</exception>
    Task<string> SignPackageAsync(Repository repository, string path, string folder, ISigner signer, CancellationToken cancellationToken) => throw new OmnibusException(
        "PackageSigningUnsupported",
        ErrorKind.Unsupported,
        $"{Name} packages carry no signatures of their own: the signed index vouches for each of them.",
        path,
        "Leave -SignPackage out; a signing key of the repository is enough.");

    /// <summary>Makes the next state from the published one and a change. Called again, with what is then published, when another publisher was faster.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>, <c>RepositoryIndexMismatch</c>, <c>RepositoryIndexMissing</c>, errors of signing.</exception>
    Task<RepositoryGeneration> MergeAsync(RepositoryMerge merge, CancellationToken cancellationToken);

    /// <summary>The files that follow from a pointer, in the order in which they are to be written.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="pointer">The pointer, just written.</param>
    /// <param name="all">Every one; otherwise those may be left out that are known to be there already.</param>
    /// <param name="cancellationToken">Stops.</param>
    Task<IReadOnlyList<CompanionObject>> MakeCompanionsAsync(Repository repository, PublishedPointer pointer, bool all, CancellationToken cancellationToken);

    /// <summary>Whether those files are in place. Looks at the one that is written last, and so costs one request.</summary>
    Task<bool> HasCompanionsAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken);

    /// <summary>The keys of those files.</summary>
    IReadOnlyList<string> CompanionKeys(RepositoryConfiguration configuration, PublishedPointer pointer) => [];

    /// <summary>The immutable indexes that a pointer names.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    IReadOnlyList<IndexReference> ReadIndexReferences(RepositoryConfiguration configuration, PublishedPointer pointer);

    /// <summary>The time of publication that a pointer states.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>.</exception>
    DateTimeOffset ReadTime(PublishedPointer pointer);

    /// <summary>Reads the packages that a pointer names, verified, streamed.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryPointerInvalid</c>, <c>RepositoryIndexMismatch</c>, <c>RepositoryIndexMissing</c>.</exception>
    IAsyncEnumerable<PublishedPackage> ReadPackagesAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken);

    /// <summary>Reads the packages of a repository that any program published: its signature first, then its indexes, verified, streamed.</summary>
    /// <param name="store">Where it is; only read.</param>
    /// <param name="source">What of it is wanted, and the keys that may have signed it.</param>
    /// <param name="time">The moment at which signatures and dates must hold.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>ForeignRepositoryNotFound</c>, <c>ForeignRepositoryUntrusted</c>, <c>ForeignRepositoryExpired</c>, <c>ForeignIndexMissing</c>, and those of <see cref="ReadPackagesAsync"/>.</exception>
    IAsyncEnumerable<PublishedPackage> ReadForeignAsync(IObjectStore store, ForeignSource source, DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>Compares two versions as this format's clients do: below zero when the first is earlier.</summary>
    int CompareVersions(string first, string second);

    /// <summary>The files that make a machine a client of repositories of this format: where they are, and the keys to check them with.</summary>
    /// <param name="package">Name of the package that brings the files.</param>
    /// <param name="channels">The repositories, the main one first.</param>
    IEnumerable<PackageEntry> ClientFiles(string package, IReadOnlyList<ClientChannel> channels);

    /// <summary>Section or group of the package that brings them.</summary>
    string ClientSection { get; }

    /// <summary>What such a machine needs beside its package manager.</summary>
    IReadOnlyList<PackageRelation> ClientRelations(IReadOnlyList<ClientChannel> channels) => [];

    /// <summary>What only this format can find wrong in a published state: dates, unmet dependencies, fields.</summary>
    IAsyncEnumerable<Finding> CheckAsync(Repository repository, PublishedPointer pointer, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken);
}
