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
    /// <c>PublishDestinationForeign</c> (what lies there is no repository of Omnibus), <c>PublishSourceChanged</c>, <c>PublishChannelInvalid</c>,
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
        using StagingFolder? empty = request.PlanOnly && !Storage.S3.S3Location.Recognises(target.Location) && !Directory.Exists(target.Location) ? StagingFolder.Create(null) : null;
        IObjectStore store = ObjectStores.Open(empty?.Path ?? target.Location, request.Connection, createFolder: !request.PlanOnly);
        try
        {
            RepositoryContext context = request.Source.Context with { Parallelism = request.Connection.ThrottleLimit };
            Repository destination = await OpenAsync(store, target, context, request.PlanOnly, cancellationToken).ConfigureAwait(false);
            PublishedPointer? current = await destination.ReadPointerAsync(cancellationToken).ConfigureAwait(false);
            if (current is not null && SameContent(request.Source, sourcePointer, destination, current, target))
            {
                return Describe(request, target, store, new RepositoryCommit
                {
                    Location = target.Location,
                    Published = false,
                    Revision = destination.Format.ReadTime(current).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
                    PointerETag = current.ETag,
                });
            }

            RepositoryTransaction transaction = destination.BeginTransaction();
            transaction.Force = request.Force;
            await AddMissingAsync(request, target, destination, current, transaction, progress, cancellationToken).ConfigureAwait(false);
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

    private static async Task<Repository> OpenAsync(IObjectStore store, PublishTarget target, RepositoryContext context, bool planOnly, CancellationToken cancellationToken)
    {
        try
        {
            return await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryNotFound")
        {
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

        if (planOnly)
        {
            return foreign;
        }

        try
        {
            return await Repository.CreateAsync(store, target.Configuration, context, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryExists")
        {
            // Another publisher made it in the meantime.
            return await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false);
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

    private static async Task AddMissingAsync(PublishRequest request, PublishTarget target, Repository destination, PublishedPointer? current, RepositoryTransaction transaction, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
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
        if (request.Source.Store is not DirectoryStore folder)
        {
            throw new OmnibusException(
                "PublishSourceRemote",
                ErrorKind.Unsupported,
                $"{request.Source.Location} is not in a folder of this machine.",
                request.Source.Location,
                "Promote packages between published repositories with Copy-RepoPackage.");
        }

        var sizes = missing.ToDictionary(p => Path.Combine(folder.Location, p.Key), p => p.Size, StringComparer.Ordinal);
        List<PackageAddition> additions = [.. missing.Select(p => new PackageAddition(Path.Combine(folder.Location, p.Key))
        {
            Component = p.Component.Length == 0 ? null : p.Component,
            PhasedUpdatePercentage = Phase(p),
        })];
        if (additions.FirstOrDefault(a => !File.Exists(a.Path) || new FileInfo(a.Path).Length != sizes[a.Path]) is { } changed)
        {
            throw new OmnibusException(
                "PublishSourceChanged",
                ErrorKind.InvalidData,
                $"{changed.Path} is not the package that the index of {request.Source.Location} names. Nothing was changed.",
                changed.Path,
                "Test-Repository says more.");
        }

        await transaction.AddAsync(additions, progress, cancellationToken).ConfigureAwait(false);
    }

    private static int? Phase(PublishedPackage package)
    {
        foreach ((string name, string value) in package.Fields)
        {
            if (name.Equals("Phased-Update-Percentage", StringComparison.OrdinalIgnoreCase) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int percentage))
            {
                return percentage;
            }
        }

        return null;
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
