using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories;

/// <summary>Carries published packages from one repository into another: promotion from a testing channel, or a whole copy.</summary>
public sealed class PackageTransfer(Repository source, Repository target)
{
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

        List<PublishedPackage> chosen = await source.ReadPackagesAsync(null, cancellationToken).Where(isChosen).ToListAsync(cancellationToken).ConfigureAwait(false);
        using var files = new PackageFiles(source);
        RepositoryTransaction transaction = target.BeginTransaction();
        string? ComponentOf(PublishedPackage package) => component ?? PackageFiles.ComponentIn(target, package);
        await transaction.AddAsync(await files.MakeAdditionsAsync(chosen, ComponentOf, progress, cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);
        RepositoryCommit commit = await transaction.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
        if (TakesOut && chosen.Count > 0)
        {
            var taken = chosen.Select(p => p.Identity).ToHashSet();
            RepositoryTransaction removal = source.BeginTransaction();
            removal.Remove(p => taken.Contains(p.Identity));
            await removal.CommitAsync(progress, cancellationToken).ConfigureAwait(false);
        }

        return commit;
    }
}
