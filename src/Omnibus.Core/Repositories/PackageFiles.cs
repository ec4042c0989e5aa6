using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>
/// The files of published packages on this machine: those of a local repository where they lie, those of others downloaded into a
/// temporary folder, several at once and each held against its digest. They are gone when this is disposed.
/// </summary>
internal sealed class PackageFiles(Repository source) : IDisposable
{
    private const string PhasedField = "Phased-Update-Percentage";

    private readonly StagingFolder? _staging = source.Store is DirectoryStore ? null : StagingFolder.Create(null);

    /// <summary>Makes additions for another repository of them, in the same order.</summary>
    /// <param name="packages">Which packages.</param>
    /// <param name="component">The component that each is to go to; null for the target's first.</param>
    /// <param name="progress">Told how far the download is.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>RepositoryPackageMissing</c>, <c>RepositoryPackageDigestWrong</c>, <c>PackageSaveFailed</c>, errors of the store.</exception>
    public async Task<IReadOnlyList<PackageAddition>> MakeAdditionsAsync(
        IReadOnlyList<PublishedPackage> packages, Func<PublishedPackage, string?> component, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var additions = new PackageAddition[packages.Count];
        int done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = source.Context.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, packages.Count, options, async (i, token) =>
        {
            PublishedPackage package = packages[i];
            additions[i] = MakeAddition(package, await BringAsync(package, token).ConfigureAwait(false), component(package));
            int count = Interlocked.Increment(ref done);
            if (_staging is not null)
            {
                progress?.Report(new OperationProgress(source.Location, $"downloading packages: {count} of {packages.Count}") { Item = package.Key, Fraction = (double)count / packages.Count });
            }
        }).ConfigureAwait(false);
        return additions;
    }

    /// <summary>What is to be added for the file of a published package.</summary>
    /// <param name="package">As it was published.</param>
    /// <param name="path">Its file.</param>
    /// <param name="component">The component that it is to go to; null for the target's first.</param>
    public static PackageAddition MakeAddition(PublishedPackage package, string path, string? component) =>
        new(path) { Component = component, PhasedUpdatePercentage = PhaseOf(package), Expected = package.Identity, ExpectedSha256 = package.Sha256 };

    /// <summary>The component of another repository that a package goes to: its own where there is such a one; null for the first.</summary>
    public static string? ComponentIn(Repository target, PublishedPackage package) =>
        target.Configuration.Components.Contains(package.Component, StringComparer.Ordinal) ? package.Component : null;

    /// <inheritdoc/>
    public void Dispose() => _staging?.Dispose();

    // Two packages may share a file name: each goes to a folder of its own.
    private async Task<string> BringAsync(PublishedPackage package, CancellationToken cancellationToken) => source.Store is DirectoryStore folder
        ? folder.PathOf(package.Key)
        : await PackageDownload.SaveAsync(source, package, Path.Combine(_staging!.Path, Guid.NewGuid().ToString("N")), replace: false, cancellationToken).ConfigureAwait(false);

    private static int? PhaseOf(PublishedPackage package)
    {
        foreach ((string name, string value) in package.Fields)
        {
            if (name.Equals(PhasedField, StringComparison.OrdinalIgnoreCase) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int percentage))
            {
                return percentage;
            }
        }

        return null;
    }
}
