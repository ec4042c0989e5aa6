using System.Collections.Concurrent;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories;

/// <summary>Signs packages on their way into a repository with the repository's keys: copies that are removed afterwards. The given files stay as they are.</summary>
public sealed class PackageSigning : IDisposable
{
    private readonly Repository _repository;
    private readonly ISigner _signer;
    private readonly StagingFolder _staging;
    private readonly ConcurrentDictionary<string, string> _originals = new(StringComparer.Ordinal);

    private PackageSigning(Repository repository, ISigner signer, StagingFolder staging)
    {
        _repository = repository;
        _signer = signer;
        _staging = staging;
    }

    /// <summary>Prepares the signing of packages for a repository.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryUnsigned</c>, <c>SigningKeyRefused</c>, <c>StagingFailed</c>, and those of <see cref="Repository.OpenSignerAsync"/>.</exception>
    public static async Task<PackageSigning> CreateAsync(Repository repository, CancellationToken cancellationToken)
    {
        await ClientTrust.RequireAsync(repository, null, cancellationToken).ConfigureAwait(false);
        ISigner signer = await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "RepositoryUnsigned",
            ErrorKind.Security,
            $"{repository.Location} has no key that could sign packages.",
            repository.Location,
            "Make a signed repository with New-Repository -SigningKey.");
        return new PackageSigning(repository, signer, StagingFolder.Create(repository.Store.StagingParent));
    }

    /// <summary>Signs packages, several at once.</summary>
    /// <returns>The additions with the signed files, and what could not be signed.</returns>
    public async Task<(IReadOnlyList<PackageAddition> Signed, IReadOnlyList<(PackageAddition Addition, OmnibusException Error)> Failures)> SignAsync(
        IReadOnlyList<PackageAddition> additions, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var signed = new PackageAddition?[additions.Count];
        var failures = new ConcurrentQueue<(PackageAddition Addition, OmnibusException Error)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, additions.Count), options, async (index, token) =>
        {
            PackageAddition addition = additions[index];
            progress?.Report(new OperationProgress(_repository.Location, "signing packages") { Item = addition.Path, Fraction = (double)index / additions.Count });
            try
            {
                // A folder each: files of one name may come from several places.
                string folder = Directory.CreateDirectory(Path.Combine(_staging.Path, $"signed-{Guid.NewGuid():N}")).FullName;
                string path = await _repository.Format.SignPackageAsync(_repository, addition.Path, folder, _signer, token).ConfigureAwait(false);
                _originals[path] = addition.Path;
                signed[index] = path == addition.Path ? addition : addition with { Path = path, Package = null };
            }
            catch (OmnibusException e)
            {
                failures.Enqueue((addition, e));
            }
        }).ConfigureAwait(false);
        return ([.. signed.OfType<PackageAddition>()], [.. failures.OrderBy(f => f.Addition.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The given file behind a signed one.</summary>
    public string OriginalOf(string path) => _originals.GetValueOrDefault(path, path);

    /// <inheritdoc/>
    public void Dispose() => _staging.Dispose();
}
