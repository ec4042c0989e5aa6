using System.Runtime.CompilerServices;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Indexes;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>apt repositories: dists and pool, or flat.</summary>
public sealed class AptFormat : IRepositoryFormat
{
    private const string SourceExtension = ".dsc";

    /// <inheritdoc/>
    public string Name => "Apt";

    /// <inheritdoc/>
    public string PackageFormat => "Deb";

    /// <inheritdoc/>
    public IReadOnlyList<string> FileExtensions { get; } = [".deb", SourceExtension];

    /// <inheritdoc/>
    public string ClientFamily => "apt";

    /// <inheritdoc/>
    public string AnyArchitecture => "all";

    /// <inheritdoc/>
    public RepositoryConfiguration Complete(RepositoryConfiguration configuration) => AptRules.Complete(configuration);

    /// <inheritdoc/>
    public string PointerKey(RepositoryConfiguration configuration) => new AptLayout(configuration).PointerKey;

    /// <inheritdoc/>
    public bool OwnsKey(RepositoryConfiguration configuration, string key) => new AptLayout(configuration).Owns(key);

    /// <inheritdoc/>
    public int CompareVersions(string first, string second) => DebVersionComparer.Instance.Compare(first, second);

    /// <inheritdoc/>
    public DateTimeOffset ReadTime(PublishedPointer pointer) => AptPointer.Read(pointer).Date ?? DateTimeOffset.UnixEpoch;

    /// <inheritdoc/>
    public async Task<PreparedPackage> PrepareAsync(PackageAddition addition, RepositoryConfiguration configuration, CancellationToken cancellationToken)
    {
        if (addition.Path.EndsWith(SourceExtension, StringComparison.Ordinal))
        {
            return AptRules.PrepareSource(addition, configuration, await SourcePackageReader.ReadAsync(addition.Path, cancellationToken).ConfigureAwait(false));
        }

        // What an index names with a digest is held against that.
        DebPackageScan scan = DebPackageReader.Scan(addition.Path, configuration.Apt!.Contents, check: addition.ExpectedSha256 is null, cancellationToken);
        ControlStanza control = ControlStanza.Parse(scan.ControlText);
        return AptRules.Prepare(addition, configuration, control, scan);
    }

    /// <inheritdoc/>
    public IReadOnlyList<IndexReference> ReadIndexReferences(RepositoryConfiguration configuration, PublishedPointer pointer)
    {
        var layout = new AptLayout(configuration);
        ReleaseFile release = AptPointer.Read(pointer);

        // The uncompressed file is named but not stored, unless it is one of the compressions.
        return [.. release.Entries
            .Where(e => layout.IsStored(e.Key))
            .Select(e => new IndexReference(layout.ByHashKey(e.Key, e.Value.Sha256), e.Value.Size, e.Value.Sha256, e.Key))];
    }

    /// <inheritdoc/>
    public Task<RepositoryGeneration> MergeAsync(RepositoryMerge merge, CancellationToken cancellationToken) => new AptMerge(merge).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CompanionObject>> MakeCompanionsAsync(Repository repository, PublishedPointer pointer, bool all, CancellationToken cancellationToken) =>
        AptCompanions.MakeAsync(repository, pointer, all, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> HasCompanionsAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken) =>
        AptCompanions.AreInPlaceAsync(repository, pointer, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<string> CompanionKeys(RepositoryConfiguration configuration, PublishedPointer pointer) => AptCompanions.Keys(configuration, pointer);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PublishedPackage> ReadPackagesAsync(Repository repository, PublishedPointer pointer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var layout = new AptLayout(repository.Configuration);
        ReleaseFile release = AptPointer.Read(pointer);
        var shared = new HashSet<PackageIdentity>();
        foreach (AptIndex index in layout.Indexes.Concat(layout.SourceIndexes))
        {
            Dictionary<CompressionKind, IndexReference> files = AptPointer.FilesOf(layout, release, index);
            if (files.Count == 0)
            {
                continue;
            }

            IAsyncEnumerable<ReadOnlyMemory<byte>> bytes = IndexReader.ReadWholeAsync(repository.Store, files, cancellationToken);
            await foreach (byte[] stanza in StanzaSplitter.SplitAsync(bytes, layout.Root + index.Path, cancellationToken).ConfigureAwait(false))
            {
                PublishedPackage package = index.Read(stanza, layout.Root + index.Path);

                // A package for all architectures stands in the index of each.
                if (package.Architecture != "all" || shared.Add(package.Identity))
                {
                    yield return package with { Repository = repository.Location };
                }
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PublishedPackage> ReadForeignAsync(IObjectStore store, ForeignSource source, DateTimeOffset time, CancellationToken cancellationToken) =>
        new AptForeignReader(store, source, time).ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Finding> CheckAsync(Repository repository, PublishedPointer pointer, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken) =>
        AptChecks.RunAsync(repository, pointer, packages, cancellationToken);

    /// <inheritdoc/>
    public IEnumerable<PackageEntry> ClientFiles(string package, IReadOnlyList<ClientChannel> channels) => AptClientFiles.Make(package, channels);

    /// <inheritdoc/>
    public string ClientSection => "admin";

    /// <inheritdoc/>
    public IReadOnlyList<PackageRelation> ClientRelations(IReadOnlyList<ClientChannel> channels) =>
        channels.Any(c => c.Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) ? [PackageRelation.To(RelationKind.Recommends, "ca-certificates")] : [];
}
