using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>What can be wrong in a yum repository beyond digests and files.</summary>
internal static class YumChecks
{
    /// <summary>Checks time, signatures, agreement of the lists, and dependencies.</summary>
    public static async IAsyncEnumerable<Finding> RunAsync(Repository repository, PublishedPointer pointer, IReadOnlyList<PublishedPackage> packages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RepomdFile repomd = RepomdFile.Read(pointer);
        if (repomd.Time > repository.Context.Clock.GetUtcNow().AddMinutes(1))
        {
            yield return new Finding("RepositoryDateInFuture", FindingSeverity.Error, $"repomd.xml is dated {repomd.Time:u}.", repository.Location);
        }

        if (repository.Configuration.SigningKeys.Count > 0)
        {
            foreach (Finding finding in await CheckSignaturesAsync(repository, pointer, cancellationToken).ConfigureAwait(false))
            {
                yield return finding;
            }
        }

        var wanted = packages.Select(p => p.Sha256).ToHashSet(StringComparer.Ordinal);
        foreach (YumIndexKind kind in new[] { YumIndexKind.Filelists, YumIndexKind.Other })
        {
            if (await CheckListAsync(repository, repomd, kind, wanted, cancellationToken).ConfigureAwait(false) is { } finding)
            {
                yield return finding;
            }
        }

        foreach (Finding finding in YumDependencyCheck.Run(repository.Location, packages))
        {
            yield return finding;
        }
    }

    private static async Task<List<Finding>> CheckSignaturesAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        try
        {
            ReadOnlyMemory<byte> keys = (await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false))?.PublicKey ?? default;
            DateTimeOffset now = repository.Context.Clock.GetUtcNow().AddSeconds(10);
            await YumTrust.RequireAsync(repository, pointer, keys, now, cancellationToken).ConfigureAwait(false);
            byte[]? detached = await repository.Store.ReadBytesAsync(YumLayout.SignatureKey, PublishedPointer.LongestSignature, cancellationToken).ConfigureAwait(false);
            if (detached is null || !(await YumTrust.VerifyAsync(pointer.Content, detached, keys, now, cancellationToken).ConfigureAwait(false)).Good)
            {
                findings.Add(new Finding("RepositoryCompanionStale", FindingSeverity.Error, $"{YumLayout.SignatureKey} does not belong to {pointer.Key}: clients refuse the repository.", repository.Location, YumLayout.SignatureKey)
                {
                    Advice = "Run Update-Repository.",
                });
            }
        }
        catch (OmnibusException e)
        {
            findings.Add(new Finding(e.Id, FindingSeverity.Error, e.Message, repository.Location, pointer.Key) { Advice = e.Advice });
        }

        return findings;
    }

    private static async Task<Finding?> CheckListAsync(Repository repository, RepomdFile repomd, YumIndexKind kind, HashSet<string> wanted, CancellationToken cancellationToken)
    {
        if (repomd.Find(kind.Type) is not { } record)
        {
            return new Finding("RepositoryIndexMissing", FindingSeverity.Error, $"repomd.xml names no {kind.Type}.", repository.Location);
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (byte[] element in YumMerge.ReadElementsAsync(repository.Store, record, cancellationToken).ConfigureAwait(false))
        {
            found.Add(PackageElementKey.Decode(PackageElementKey.Attribute(element.AsSpan(0, Array.IndexOf(element, (byte)'>')), " pkgid="u8)));
        }

        return found.SetEquals(wanted) ? null : new Finding("RepositoryIndexDisagrees", FindingSeverity.Error, $"{record.Key} lists other packages than primary does.", repository.Location, record.Key)
        {
            Advice = "Import the packages anew.",
        };
    }
}
