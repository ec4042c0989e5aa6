using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>yum and dnf repositories (createrepo_c's <c>src/</c> is what their clients were written for).</summary>
public sealed class YumFormat : IRepositoryFormat
{
    /// <inheritdoc/>
    public string Name => "Yum";

    /// <inheritdoc/>
    public string PackageFormat => "Rpm";

    /// <inheritdoc/>
    public IReadOnlyList<string> FileExtensions { get; } = [".rpm"];

    /// <inheritdoc/>
    public string ClientFamily => "rpm";

    /// <inheritdoc/>
    public string AnyArchitecture => "noarch";

    /// <inheritdoc/>
    public RepositoryConfiguration Complete(RepositoryConfiguration configuration) => YumRules.Complete(configuration);

    /// <inheritdoc/>
    public string PointerKey(RepositoryConfiguration configuration) => YumLayout.PointerKey;

    /// <inheritdoc/>
    public bool OwnsKey(RepositoryConfiguration configuration, string key) => YumLayout.Owns(configuration, key);

    /// <inheritdoc/>
    public int CompareVersions(string first, string second) => RpmVersionComparer.Instance.Compare(first, second);

    /// <inheritdoc/>
    public DateTimeOffset ReadTime(PublishedPointer pointer) => RepomdFile.Read(pointer).Time;

    /// <inheritdoc/>
    public async Task<PreparedPackage> PrepareAsync(PackageAddition addition, RepositoryConfiguration configuration, CancellationToken cancellationToken)
    {
        if (!LooksLikePackage(addition.Path) && await PrepareMetadataAsync(addition, cancellationToken).ConfigureAwait(false) is { } metadata)
        {
            return metadata;
        }

        return YumRules.Prepare(addition, configuration, RpmPackageReader.Read(addition.Path, digest: true, cancellationToken));
    }

    /// <inheritdoc/>
    public bool SignsPackages => true;

    /// <inheritdoc/>
    public async Task<string> SignPackageAsync(Repository repository, string path, string folder, ISigner signer, CancellationToken cancellationToken)
    {
        if (!LooksLikePackage(path))
        {
            return path;
        }

        string signed = await RpmPackageSigning.SignCopyAsync(path, folder, signer, cancellationToken).ConfigureAwait(false);
        return await PublishedRpm.FindSameAsync(repository, signed, folder, signer, cancellationToken).ConfigureAwait(false) ?? signed;
    }

    /// <inheritdoc/>
    public IReadOnlyList<IndexReference> ReadIndexReferences(RepositoryConfiguration configuration, PublishedPointer pointer) =>
        [.. RepomdFile.Read(pointer).Records.Select(r => new IndexReference(r.Key, r.Size, r.Sha256, r.Type))];

    /// <inheritdoc/>
    public Task<RepositoryGeneration> MergeAsync(RepositoryMerge merge, CancellationToken cancellationToken) => new YumMerge(merge).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompanionObject>> MakeCompanionsAsync(Repository repository, PublishedPointer pointer, bool all, CancellationToken cancellationToken) =>
        YumCompanions.MakeAsync(repository, pointer, all, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> HasCompanionsAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken) =>
        YumCompanions.AreInPlaceAsync(repository, pointer, cancellationToken);

    /// <summary>The keys of the files that <see cref="MakeCompanionsAsync"/> makes.</summary>
    public IReadOnlyList<string> CompanionKeys(RepositoryConfiguration configuration, PublishedPointer pointer) =>
        configuration.SigningKeys.Count > 0 ? [YumLayout.SignatureKey, YumLayout.PublicKeyKey] : [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PublishedPackage> ReadPackagesAsync(Repository repository, PublishedPointer pointer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (RepomdFile.Read(pointer).Find(YumIndexKind.Primary.Type) is not { } primary)
        {
            yield break;
        }

        await foreach (byte[] element in YumMerge.ReadElementsAsync(repository.Store, primary, cancellationToken).ConfigureAwait(false))
        {
            yield return PackageElement.Read(element, primary.Key) with { Repository = repository.Location };
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PublishedPackage> ReadForeignAsync(IObjectStore store, ForeignSource source, DateTimeOffset time, CancellationToken cancellationToken) =>
        new YumForeignReader(store, source, time).ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Finding> CheckAsync(Repository repository, PublishedPointer pointer, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken) =>
        YumChecks.RunAsync(repository, pointer, packages, cancellationToken);

    /// <inheritdoc/>
    public IEnumerable<PackageEntry> ClientFiles(string package, IReadOnlyList<ClientChannel> channels) => YumClientFiles.Make(channels);

    /// <inheritdoc/>
    public string ClientSection => "System Environment/Base";

    // Whatever goes wrong here goes wrong again where the package is read, with an error that says so.
    private static bool LooksLikePackage(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[4];
            using FileStream file = File.OpenRead(path);
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(RpmLead.Magic);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    // Errata, groups and modules come in by the same door as packages.
    private static async Task<PreparedPackage?> PrepareMetadataAsync(PackageAddition addition, CancellationToken cancellationToken)
    {
        if (await YumMetadataTypes.RecogniseAsync(addition.Path, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        byte[] content = await YumMetadataTypes.ReadAsync(addition.Path, cancellationToken).ConfigureAwait(false);
        string digest = Convert.ToHexStringLower(SHA256.HashData(content));
        string key = YumLayout.IndexKey(digest, found.FileName);
        return new YumMetadataFile
        {
            Identity = new PackageIdentity(string.Empty, found.Type, digest[..16], "metadata"),
            SourcePath = addition.Path,
            Size = content.Length,
            Sha256 = digest,
            UsualKey = key,
            DigestKey = key,
            Type = found.Type,
            FileName = found.FileName,
        };
    }
}
