using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Carries published packages from one repository into another: promotion from a testing channel, or a whole copy.</summary>
public sealed class PackageTransfer(Repository source, Repository target)
{
    private const string PhasedField = "Phased-Update-Percentage";

    /// <summary>Whether the packages are taken out of the source afterwards.</summary>
    public bool TakesOut { get; init; }

    /// <summary>Publishes the chosen packages at the target as one transaction, and then takes them out of the source if asked.</summary>
    /// <param name="isChosen">Which packages.</param>
    /// <param name="component">The target's component; null: the package's own where the target has it, else the first.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was published at the target.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryTypeMismatch</c>, and those of reading, of the transaction and of the stores.</exception>
    public async Task<RepositoryCommit> RunAsync(Func<PublishedPackage, bool> isChosen, string? component, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (source.Format.PackageFormat != target.Format.PackageFormat)
        {
            throw new OmnibusException("RepositoryTypeMismatch", ErrorKind.InvalidArgument, $"{source.Location} holds {source.Format.PackageFormat} packages, {target.Location} {target.Format.PackageFormat} packages.", target.Location);
        }

        // Packages of a local repository are read where they lie; others are fetched first.
        using StagingFolder? staging = source.Store is DirectoryStore ? null : StagingFolder.Create(null);
        RepositoryTransaction transaction = target.BeginTransaction();
        var taken = new HashSet<PackageIdentity>();
        var additions = new List<PackageAddition>();
        await foreach (PublishedPackage package in source.ReadPackagesAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (isChosen(package))
            {
                taken.Add(package.Identity);
                additions.Add(await MakeAdditionAsync(package, component, staging, cancellationToken).ConfigureAwait(false));
            }
        }

        await transaction.AddAsync(additions, progress, cancellationToken).ConfigureAwait(false);
        RepositoryCommit commit = await transaction.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
        if (TakesOut && taken.Count > 0)
        {
            RepositoryTransaction removal = source.BeginTransaction();
            removal.Remove(p => taken.Contains(p.Identity));
            await removal.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
        }

        return commit;
    }

    private async Task<PackageAddition> MakeAdditionAsync(PublishedPackage package, string? component, StagingFolder? staging, CancellationToken cancellationToken)
    {
        string path = source.Store is DirectoryStore local
            ? local.PathOf(package.Key)
            : await PackageDownload.SaveAsync(source, package, Path.Combine(staging!.Path, package.Sha256), replace: false, cancellationToken).ConfigureAwait(false);
        string? phased = package.Fields.FirstOrDefault(f => f.Key == PhasedField).Value;
        return new PackageAddition(path)
        {
            Component = component ?? (target.Configuration.Components.Contains(package.Component, StringComparer.Ordinal) ? package.Component : null),
            PhasedUpdatePercentage = int.TryParse(phased, NumberStyles.None, CultureInfo.InvariantCulture, out int share) ? share : null,
        };
    }
}
