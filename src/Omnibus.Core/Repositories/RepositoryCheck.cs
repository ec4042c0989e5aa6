using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Holds a published repository against itself: every index, every package, and what nothing names.</summary>
public sealed class RepositoryCheck(Repository repository)
{
    /// <summary>Whether every package is read and hashed; otherwise only its size is compared.</summary>
    public bool Digests { get; init; } = true;

    /// <summary>Checks, and gives one finding for each fault as it is found.</summary>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async IAsyncEnumerable<Finding> RunAsync(IProgress<OperationProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PublishedPointer? pointer = await repository.ReadPointerAsync(cancellationToken).ConfigureAwait(false);
        if (pointer is null)
        {
            yield return Error("RepositoryPointerMissing", $"{repository.Format.PointerKey(repository.Configuration)} is not there: clients find no repository.", null);
            yield break;
        }

        var named = new HashSet<string>(StringComparer.Ordinal) { pointer.Key };
        foreach (IndexReference index in repository.Format.ReadIndexReferences(repository.Configuration, pointer))
        {
            named.Add(index.Key);
            if (await CheckObjectAsync(index.Key, index.Size, index.Sha256, "Index", cancellationToken).ConfigureAwait(false) is { } fault)
            {
                yield return fault;
            }
        }

        (List<PublishedPackage> packages, OmnibusException? unreadable) = await ReadAsync(pointer, cancellationToken).ConfigureAwait(false);
        if (unreadable is not null)
        {
            yield return Error(unreadable.Id, unreadable.Message, unreadable.Item as string);
            yield break;
        }

        int done = 0;
        foreach (PublishedPackage package in packages)
        {
            progress?.Report(new OperationProgress(repository.Location, "checking packages") { Item = package.Key, Fraction = (double)done++ / packages.Count });
            foreach (PublishedFile file in package.Files)
            {
                // Several versions of a source package share a file.
                if (named.Add(file.Key) && await CheckObjectAsync(file.Key, file.Size, Digests ? file.Sha256 : null, "Package", cancellationToken).ConfigureAwait(false) is { } fault)
                {
                    yield return fault with { Subject = package.ToString() };
                }
            }
        }

        foreach (IGrouping<(string, string, string), PublishedPackage> twice in packages.GroupBy(p => (p.Name, p.Version, p.Architecture)).Where(g => g.Select(p => p.Sha256).Distinct().Count() > 1))
        {
            yield return Error("RepositoryPackageTwice", $"{twice.First()} is published in several components with different content: {string.Join(", ", twice.Select(p => p.Key))}.", twice.First().Key);
        }

        await foreach (Finding finding in repository.Format.CheckAsync(repository, pointer, packages, cancellationToken).ConfigureAwait(false))
        {
            yield return finding;
        }

        await foreach (Finding finding in FindUnreferencedAsync(pointer, named, cancellationToken).ConfigureAwait(false))
        {
            yield return finding;
        }
    }

    private async Task<(List<PublishedPackage> Packages, OmnibusException? Error)> ReadAsync(PublishedPointer pointer, CancellationToken cancellationToken)
    {
        var packages = new List<PublishedPackage>();
        try
        {
            await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, cancellationToken).ConfigureAwait(false))
            {
                packages.Add(package);
            }

            return (packages, null);
        }
        catch (OmnibusException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.Security)
        {
            return (packages, e);
        }
    }

    private async Task<Finding?> CheckObjectAsync(string key, long size, string? sha256, string what, CancellationToken cancellationToken)
    {
        ObjectReading? reading = await repository.Store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        if (reading is null)
        {
            return Error($"Repository{what}Missing", $"{key} is named, but is not there.", key);
        }

        await using (reading.ConfigureAwait(false))
        {
            if (reading.Object.Size != size)
            {
                return Error($"Repository{what}SizeWrong", $"{key} has {reading.Object.Size} bytes; it should have {size}.", key);
            }

            if (!string.IsNullOrEmpty(sha256))
            {
                string digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(reading.Content, cancellationToken).ConfigureAwait(false));
                if (digest != sha256)
                {
                    return Error($"Repository{what}DigestWrong", $"{key} has sha256 {digest}; it should have {sha256}.", key);
                }
            }
        }

        return null;
    }

    // What older generations, checkpoints and running transactions need is no fault: only files that no record knows are told.
    private async IAsyncEnumerable<Finding> FindUnreferencedAsync(PublishedPointer pointer, HashSet<string> named, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        named.UnionWith(repository.Format.CompanionKeys(repository.Configuration, pointer));
        named.UnionWith(await new Sweep(repository).FindKnownKeysAsync(cancellationToken).ConfigureAwait(false));
        await foreach (StoredObject stored in repository.Store.ListAsync(string.Empty, cancellationToken).ConfigureAwait(false))
        {
            if (!RepositoryKeys.IsHidden(stored.Key) && !named.Contains(stored.Key))
            {
                yield return new Finding("RepositoryFileUnreferenced", FindingSeverity.Warning, $"{stored.Key} ({stored.Size} bytes) belongs to nothing that is published.", repository.Location, stored.Key);
            }
        }
    }

    private Finding Error(string id, string message, string? key) => new(id, FindingSeverity.Error, message, repository.Location, key);
}
