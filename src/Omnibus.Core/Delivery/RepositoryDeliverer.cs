using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Delivery;

/// <summary>
/// Puts built packages into the repository that their recipe plans: makes it and its key on first use, adds the packages (rpm packages
/// signed), the release package, and publishes. Done again with the same packages it changes nothing.
/// </summary>
/// <param name="keys">The signing keys at hand.</param>
/// <param name="connection">How an S3 service is reached.</param>
public sealed class RepositoryDeliverer(SigningKeyStore keys, S3Connection connection)
{
    private readonly SignerSource _signers = new(keys);

    /// <summary>Delivers the packages of one plan.</summary>
    /// <param name="plan">The plan; it has a repository.</param>
    /// <param name="packages">What was built of it.</param>
    /// <param name="folder">Takes the release package.</param>
    /// <param name="progress">Told the steps, and a key that clients will not accept for long.</param>
    /// <param name="cancellationToken">Stops; what is published stays whole.</param>
    /// <exception cref="OmnibusException"><c>RepositoryPackageConflict</c>, <c>RepositoryTypeMismatch</c>, <c>SigningKeyNotFound</c>, <c>SigningKeyRefused</c>, and those of repositories, stores and publishing.</exception>
    public async Task<RepositoryDelivery> DeliverAsync(BuildPlan plan, IReadOnlyList<PackageFile> packages, string folder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        RepositoryPlan planned = plan.Repository ?? throw new ArgumentException("The plan has no repository.", nameof(plan));
        (Repository repository, SigningKey? newKey) = await OpenAsync(plan, planned, progress, cancellationToken).ConfigureAwait(false);
        List<PackageAddition> additions = [.. packages.Select(p => new PackageAddition(p.Path) { Component = repository.Configuration.Components.Count > 0 ? planned.Component : null })];
        PackageFile? release = null;
        if (planned.Address is { } address)
        {
            var request = new ReleasePackageRequest(repository, address, await _signers.FindAsync(repository.Configuration.SigningKeys, cancellationToken).ConfigureAwait(false))
            {
                Version = new PackageVersion(planned.ReleaseVersion),
                Maintainer = plan.Maintainer,
                TestingAddress = planned.TestingAddress,
            };
            release = await ReleasePackage.WriteAsync(request, folder, cancellationToken).ConfigureAwait(false);
            additions.Add(new PackageAddition(release.Path) { Component = additions.Count > 0 ? additions[0].Component : null });
        }

        RepositoryCommit commit = await ImportAsync(repository, additions, progress, cancellationToken).ConfigureAwait(false);
        return new RepositoryDelivery(repository, commit)
        {
            NewKey = newKey,
            ReleasePackage = release,
            Published = await PublishAsync(repository, planned, progress, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<RepositoryCommit> ImportAsync(Repository repository, IReadOnlyList<PackageAddition> additions, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        using PackageSigning? signing = repository.Format.SignsPackages ? await PackageSigning.CreateAsync(repository, cancellationToken).ConfigureAwait(false) : null;
        if (signing is not null)
        {
            (IReadOnlyList<PackageAddition> signed, IReadOnlyList<(PackageAddition Addition, OmnibusException Error)> failures) = await signing.SignAsync(additions, progress, cancellationToken).ConfigureAwait(false);
            additions = failures.Count == 0 ? signed : throw failures[0].Error;
        }

        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(additions, progress, cancellationToken).ConfigureAwait(false);
        return await transaction.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(Repository Repository, SigningKey? NewKey)> OpenAsync(BuildPlan plan, RepositoryPlan planned, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var context = new RepositoryContext { OpenSigner = (names, token) => _signers.OpenAsync(names, null, token), Parallelism = connection.ThrottleLimit };
        IObjectStore store = ObjectStores.Open(planned.Path, connection, createFolder: true);
        try
        {
            Repository known = RequireType(await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false), planned);
            return (await ExtendAsync(known, plan, planned, cancellationToken).ConfigureAwait(false), null);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryNotFound")
        {
        }

        (string key, SigningKey? newKey) = await FindKeyAsync(planned.SigningKey, progress, cancellationToken).ConfigureAwait(false);
        Distribution distribution = plan.Distribution;
        var configuration = new RepositoryConfiguration
        {
            Type = planned.Type,
            Distribution = distribution.Name,
            Components = planned.Type == "Apt" ? [planned.Component] : [],
            Architectures = [distribution.ArchitectureName(plan.Architecture)!],
            SigningKeys = [key],
            Origin = planned.Origin,
            Label = planned.Origin,
            Compressions = distribution.IndexCompressions,
            Apt = planned.Type == "Apt" ? new AptConfiguration { Codename = planned.Codename ?? distribution.Codename ?? distribution.Name, Suite = planned.Suite } : null,
        };
        try
        {
            return (await Repository.CreateAsync(store, configuration, context, progress, cancellationToken).ConfigureAwait(false), newKey);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryExists")
        {
            // Another run made it in the meantime.
            return (await Repository.OpenAsync(store, context, cancellationToken).ConfigureAwait(false), newKey);
        }
    }

    // A machine of another architecture builds into the same repository; a recipe may name another component one day.
    private static Task<Repository> ExtendAsync(Repository repository, BuildPlan plan, RepositoryPlan planned, CancellationToken cancellationToken)
    {
        RepositoryConfiguration configuration = repository.Configuration;
        string architecture = plan.Distribution.ArchitectureName(plan.Architecture)!;
        RepositoryConfiguration extended = configuration with
        {
            Architectures = [.. configuration.Architectures.Append(architecture).Distinct()],
            Components = configuration.Components.Count == 0 ? [] : [.. configuration.Components.Append(planned.Component).Distinct()],
        };
        bool same = extended.Architectures.Count == configuration.Architectures.Count && extended.Components.Count == configuration.Components.Count;
        return same ? Task.FromResult(repository) : repository.ConfigureAsync(extended, cancellationToken);
    }

    private static Repository RequireType(Repository repository, RepositoryPlan planned) => repository.Type == planned.Type ? repository : throw new OmnibusException(
        "RepositoryTypeMismatch",
        ErrorKind.InvalidArgument,
        $"{repository.Location} is a repository of type {repository.Type}, and the recipe makes packages for one of type {planned.Type}.",
        repository.Location,
        "Put ${distribution} into the path of the recipe's repository.");

    private async Task<(string Name, SigningKey? NewKey)> FindKeyAsync(string wanted, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (wanted.StartsWith(SignerSource.GnuPGPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return (wanted, null);
        }

        int bracket = wanted.IndexOf(" <", StringComparison.Ordinal);
        bool names = bracket > 0 && wanted.EndsWith('>');
        if (!names || (await keys.ListAsync(wanted, cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            return ((await keys.GetAsync(wanted, cancellationToken).ConfigureAwait(false)).Fingerprint, null);
        }

        progress?.Report(new OperationProgress(wanted, "making a signing key"));
        SigningKey made = await keys.NewAsync(new SigningKeyRequest(wanted[..bracket], wanted[(bracket + 2)..^1]), cancellationToken).ConfigureAwait(false);
        return (made.Fingerprint, made);
    }

    private async Task<IReadOnlyList<PublishResult>> PublishAsync(Repository repository, RepositoryPlan planned, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var results = new List<PublishResult>();
        if (planned.Destination is { } destination)
        {
            var request = new PublishRequest(repository, destination) { Connection = connection, Channel = planned.Channel is { } template ? new PublishChannel(template) : PublishChannel.Usual };
            await foreach (PublishResult result in RepositoryPublisher.PublishAsync(request, progress, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
            }
        }

        return results;
    }
}
