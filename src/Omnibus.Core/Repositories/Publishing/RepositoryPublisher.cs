using System.Globalization;
using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Publishing;

/// <summary>Publishes a repository to a store: reads what is there, sends what is missing, and lets other publishers win and lose nothing.</summary>
public static class RepositoryPublisher
{
    /// <summary>Publishes; one result a destination.</summary>
    /// <exception cref="OmnibusException">
    /// <c>RepositoryTypeMismatch</c>, <c>PublishDestinationForeign</c> (what lies there is no repository of Omnibus), <c>PublishSourceChanged</c>, <c>PublishChannelInvalid</c>,
    /// <c>PublishDistributionUnknown</c>, <c>RepositoryPackageConflict</c>, and those of the store, the format and the signers.
    /// </exception>
    public static async IAsyncEnumerable<PublishResult> PublishAsync(PublishRequest request, IProgress<OperationProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PublishedPointer? pointer = await request.Source.ReadPointerAsync(cancellationToken).ConfigureAwait(false);
        if (pointer is null)
        {
            yield break;
        }

        var packages = new List<PublishedPackage>();
        await foreach (PublishedPackage package in request.Source.ReadPackagesAsync(pointer, cancellationToken).ConfigureAwait(false))
        {
            packages.Add(package);
        }

        foreach (PublishTarget target in PublishTarget.Divide(request, packages))
        {
            yield return await PublishAsync(request, target, pointer, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<PublishResult> PublishAsync(PublishRequest request, PublishTarget target, PublishedPointer sourcePointer, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        // A plan makes no folder: one that is missing is planned for as an empty one.
        using StagingFolder? empty = request.PlanOnly && !ObjectStores.IsRemote(target.Location) && !Directory.Exists(target.Location) ? StagingFolder.Create(null) : null;
        using var files = new PackageFiles(request.Source);
        IObjectStore store = ObjectStores.Open(empty?.Path ?? target.Location, request.Connection, createFolder: !request.PlanOnly);
        try
        {
            // Indexes are looked at here and merged below, perhaps several times: each is fetched once.
            using IndexSpool? spool = ObjectStores.IsRemote(target.Location) ? new IndexSpool(store) : null;
            RepositoryContext context = request.Source.Context with { Parallelism = request.Connection.ThrottleLimit };
            (Repository destination, PublishedPointer? current) = await OpenAsync(spool ?? store, target, context, request.PlanOnly, cancellationToken).ConfigureAwait(false);
            if (current is not null && SameContent(request.Source, sourcePointer, destination, current, target))
            {
                if (!request.PlanOnly)
                {
                    using StagingFolder staging = StagingFolder.Create(store.StagingParent);
                    await new Publication(destination, staging, progress).MendCompanionsAsync(current, cancellationToken).ConfigureAwait(false);
                }

                return Describe(request, target, store, new RepositoryCommit
                {
                    Location = target.Location,
                    Published = false,
                    Revision = destination.Format.ReadTime(current).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
                    PointerETag = current.ETag,
                });
            }

            if (destination.Format.PackageFormat != request.Source.Format.PackageFormat)
            {
                throw new OmnibusException("RepositoryTypeMismatch", ErrorKind.InvalidArgument, $"{request.Source.Location} holds {request.Source.Format.PackageFormat} packages, {target.Location} {destination.Format.PackageFormat} packages. Nothing was changed.", target.Location, "Choose another prefix.");
            }

            RepositoryTransaction transaction = destination.BeginTransaction();
            transaction.Force = request.Force;
            transaction.BuildOn(current);
            await AddMissingAsync(request, target, destination, current, files, transaction, progress, cancellationToken).ConfigureAwait(false);
            if (request.Mode == PublishMode.Mirror)
            {
                HashSet<PackageIdentity> wanted = [.. target.Packages.Select(p => p.Identity)];
                transaction.Remove(package => !wanted.Contains(package.Identity));
            }

            RepositoryCommit commit = request.PlanOnly
                ? await transaction.PlanAsync(progress, cancellationToken).ConfigureAwait(false)
                : await transaction.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
            return Describe(request, target, store, commit);
        }
        finally
        {
            (store as IDisposable)?.Dispose();
        }
    }

    // The repository at a place, and what it publishes. One that is new publishes nothing yet.
    private static async Task<(Repository Destination, PublishedPointer? Current)> OpenAsync(IObjectStore store, PublishTarget target, RepositoryContext context, bool planOnly, CancellationToken cancellationToken)
    {
        if (await TryOpenAsync(store, context, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return (found, await found.ReadPointerAsync(cancellationToken).ConfigureAwait(false));
        }

        Repository foreign = Repository.OpenForeign(store, target.Configuration, context);
        if (await foreign.ReadPointerAsync(cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new OmnibusException(
                "PublishDestinationForeign",
                ErrorKind.Conflict,
                $"{target.Location} holds a repository that Omnibus did not make. Nothing was changed.",
                target.Location,
                "Choose another prefix, or import the foreign repository with Import-RepoPackage -Uri and publish the result beside it.");
        }

        try
        {
            return (planOnly ? foreign : await Repository.CreateUnpublishedAsync(store, target.Configuration, context, cancellationToken).ConfigureAwait(false), null);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryExists")
        {
            // Another publisher made it in the meantime.
            Repository made = await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false);
            return (made, await made.ReadPointerAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    private static async Task<Repository?> TryOpenAsync(IObjectStore store, RepositoryContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryNotFound")
        {
            return null;
        }
    }

    // Indexes of the same digests name the same packages: nothing more need be read. Only where the whole source goes to one place.
    private static bool SameContent(Repository source, PublishedPointer sourcePointer, Repository destination, PublishedPointer current, PublishTarget target)
    {
        if (source.Configuration.Architectures.Count != target.Configuration.Architectures.Count)
        {
            return false;
        }

        IEnumerable<string> Digests(Repository repository, PublishedPointer pointer) =>
            repository.Format.ReadIndexReferences(repository.Configuration, pointer).Select(index => $"{index.Name} {index.Sha256}");
        return Digests(source, sourcePointer).ToHashSet(StringComparer.Ordinal).SetEquals(Digests(destination, current));
    }

    private static async Task AddMissingAsync(PublishRequest request, PublishTarget target, Repository destination, PublishedPointer? current, PackageFiles files, RepositoryTransaction transaction, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var there = new Dictionary<PackageIdentity, string>();
        if (current is not null)
        {
            await foreach (PublishedPackage package in destination.ReadPackagesAsync(current, cancellationToken).ConfigureAwait(false))
            {
                there[package.Identity] = package.Sha256;
            }
        }

        List<PublishedPackage> missing = [.. target.Packages.Where(p => !there.TryGetValue(p.Identity, out string? sha256) || sha256 != p.Sha256)];
        IReadOnlyList<PackageAddition> additions = await files.MakeAdditionsAsync(missing, p => p.Component.Length == 0 ? null : p.Component, progress, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < additions.Count; i++)
        {
            var file = new FileInfo(additions[i].Path);
            if (!file.Exists || file.Length != missing[i].Size)
            {
                throw new OmnibusException(
                    "PublishSourceChanged",
                    ErrorKind.InvalidData,
                    $"{file.FullName} is not the package that the index of {request.Source.Location} names. Nothing was changed.",
                    file.FullName,
                    "Test-Repository says more.");
            }
        }

        await transaction.AddAsync(additions, progress, cancellationToken).ConfigureAwait(false);
    }

    private static PublishResult Describe(PublishRequest request, PublishTarget target, IObjectStore store, RepositoryCommit commit) => new()
    {
        Destination = target.Location,
        Source = request.Source.Location,
        Added = commit.Added,
        Replaced = commit.Replaced,
        Removed = commit.Removed,
        Unchanged = target.Packages.Count - commit.Added - commit.Replaced,
        BytesSent = commit.BytesSent,
        Requests = (store as IMeteredStore)?.Usage.Requests ?? 0,
        Attempts = commit.Attempts,
        Revision = commit.Revision,
        PointerETag = commit.PointerETag,
        Changes = [.. commit.Changes.Where(change => change.Kind != PackageChangeKind.Unchanged)],
    };
}
