using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Foreign;

/// <summary>
/// A published repository of any maker, read to import from it. Its signature is checked first, every index against the signed file and
/// every package against its index, while they stream. What it says is not trusted beyond that: names stay in its root, sizes are bounds.
/// </summary>
/// <param name="source">Where it is, and what of it is wanted.</param>
/// <param name="target">The repository that imports: it tells the format, the clock, and the architectures when none are named.</param>
public sealed class ForeignRepository(ForeignSource source, Repository target)
{
    private readonly IObjectStore _store = OpenStore(source);

    /// <summary>Its address without secrets.</summary>
    public string Location => Describe(source.Uri);

    /// <summary>An address without secrets.</summary>
    public static string Describe(Uri uri) => uri.UserInfo.Length == 0 ? uri.ToString() : new UriBuilder(uri) { UserName = string.Empty, Password = string.Empty }.Uri.ToString();

    /// <summary>The packages that it publishes, of the architectures and components that are wanted.</summary>
    /// <exception cref="OmnibusException">
    /// <c>ForeignKeyringMissing</c>, <c>ForeignRepositoryNotFound</c>, <c>ForeignRepositoryUntrusted</c>, <c>ForeignRepositoryExpired</c>, <c>ForeignSuiteMissing</c>,
    /// <c>ForeignIndexMissing</c>, <c>RepositoryPointerInvalid</c>, <c>RepositoryIndexInvalid</c>, <c>RepositoryIndexMissing</c>, <c>RepositoryIndexMismatch</c>, errors of the store.
    /// </exception>
    public async IAsyncEnumerable<PublishedPackage> ReadPackagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (source.Keys.Count == 0 && !source.SkipSignatureCheck)
        {
            throw new OmnibusException(
                "ForeignKeyringMissing",
                ErrorKind.Security,
                $"{Location}: no key was given that its signature could be held against.",
                source.Uri,
                "Give the key of the repository's maker with -Keyring, or -SkipSignatureCheck when you know that nobody can have changed it.");
        }

        ForeignSource wanted = source.Architectures.Count > 0 ? source : source with { Architectures = target.Configuration.Architectures };
        IAsyncEnumerator<PublishedPackage> packages = target.Format.ReadForeignAsync(_store, wanted, target.Context.Clock.GetUtcNow(), cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (packages.ConfigureAwait(false))
        {
            while (await MoveAsync(packages).ConfigureAwait(false))
            {
                yield return packages.Current with { Repository = Location };
            }
        }
    }

    /// <summary>The packages of a choice that the importing repository does not have with the same bytes.</summary>
    /// <inheritdoc cref="ReadPackagesAsync"/>
    public async Task<IReadOnlyList<PublishedPackage>> FindNewAsync(Func<PublishedPackage, bool> isChosen, CancellationToken cancellationToken)
    {
        List<PublishedPackage> chosen = await ReadPackagesAsync(cancellationToken).Where(isChosen).ToListAsync(cancellationToken).ConfigureAwait(false);
        var there = new HashSet<(string, string, string, string)>();
        await foreach (PublishedPackage package in target.ReadPackagesAsync(null, cancellationToken).ConfigureAwait(false))
        {
            there.Add((package.Name, package.Version, package.Architecture, package.Sha256));
        }

        return chosen.FindAll(p => !there.Contains((p.Name, p.Version, p.Architecture, p.Sha256)));
    }

    /// <summary>Brings packages into a folder, each held against its digest, and tells which of them could not be had.</summary>
    /// <param name="packages">The packages.</param>
    /// <param name="folder">An existing folder; each package gets one of its own in it.</param>
    /// <param name="component">The importing repository's component; null: the package's own where there is such a one, else the first.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What can be added, and an error for each of the others.</returns>
    public async Task<(IReadOnlyList<PackageAddition> Additions, IReadOnlyList<(PublishedPackage Package, OmnibusException Error)> Failures)> DownloadAsync(
        IReadOnlyList<PublishedPackage> packages, string folder, string? component, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var additions = new ConcurrentDictionary<int, PackageAddition>();
        var failures = new ConcurrentDictionary<int, (PublishedPackage, OmnibusException)>();
        int done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = target.Context.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, packages.Count), options, async (i, token) =>
        {
            PublishedPackage package = packages[i];
            try
            {
                if (package.Files.FirstOrDefault(f => f.Sha256.Length != 64) is { } weak)
                {
                    throw new OmnibusException("ForeignPackageUnverifiable", ErrorKind.Security, $"{Location}: the index has no SHA-256 digest of {weak.Key}.", package);
                }

                string path = await PackageDownload.SaveAsync(_store, package, Path.Combine(folder, $"{i}"), replace: false, token).ConfigureAwait(false);
                additions[i] = PackageFiles.MakeAddition(package, path, component ?? PackageFiles.ComponentIn(target, package));
            }
            catch (OmnibusException e)
            {
                failures[i] = (package, new OmnibusException(e.Id, e.Kind, e.Message, package, e.Id == "RepositoryPackageMissing" ? "It may just be published anew: try again." : e.Advice, e));
            }

            progress?.Report(new OperationProgress(Location, "fetching packages") { Item = package.Key, Fraction = 0.5 * Interlocked.Increment(ref done) / packages.Count });
        }).ConfigureAwait(false);
        return ([.. additions.OrderBy(a => a.Key).Select(a => a.Value)], [.. failures.OrderBy(f => f.Key).Select(f => f.Value)]);
    }

    private static IObjectStore OpenStore(ForeignSource source) => source.Uri switch
    {
        { IsAbsoluteUri: true, IsFile: true } => new DirectoryStore(source.Uri.LocalPath),
        _ => new HttpStore(source.Uri),
    };

    // The errors of our own repositories give advice that is of no use for those of others.
    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<PublishedPackage> packages)
    {
        try
        {
            return await packages.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id is "RepositoryIndexMissing" or "RepositoryIndexMismatch")
        {
            throw new OmnibusException(
                e.Id,
                e.Kind,
                $"{Location}: {e.Message} Nothing was imported.",
                source.Uri,
                "It may just be published anew: try again. If it stays so, the repository is damaged, or somebody changes it on its way.",
                e);
        }
    }
}
