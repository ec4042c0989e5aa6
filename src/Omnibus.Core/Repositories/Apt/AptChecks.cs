using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>What can be wrong in an apt repository beyond digests and files.</summary>
internal static class AptChecks
{
    private static readonly string[] s_needs = ["Pre-Depends", "Depends"];

    /// <summary>Checks dates, signature, companions and dependencies.</summary>
    public static async IAsyncEnumerable<Finding> RunAsync(Repository repository, PublishedPointer pointer, IReadOnlyList<PublishedPackage> packages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReleaseFile release = AptPointer.Read(pointer);
        foreach (Finding finding in CheckDates(repository, release))
        {
            yield return finding;
        }

        if (AptPointer.IsClearsigned(pointer) && await CheckSignatureAsync(repository, pointer, cancellationToken).ConfigureAwait(false) is { } unsigned)
        {
            yield return unsigned;
        }

        var layout = new AptLayout(repository.Configuration);
        byte[]? companion = await repository.Store.ReadBytesAsync(layout.Root + "Release", PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false);
        if (companion is null || !AptPointer.TextOf(pointer).Span.SequenceEqual(companion))
        {
            yield return new Finding("RepositoryCompanionStale", FindingSeverity.Warning, $"{layout.Root}Release does not belong to {pointer.Key}: old clients see another state.", repository.Location, layout.Root + "Release")
            {
                Advice = "Run Update-Repository.",
            };
        }

        await foreach (Finding finding in new AptIndexChecks(repository, release, packages).RunAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return finding;
        }

        foreach (Finding finding in CheckDependencies(repository, packages))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> CheckDates(Repository repository, ReleaseFile release)
    {
        DateTimeOffset now = repository.Context.Clock.GetUtcNow();
        if (release.Date is not { } date)
        {
            yield return new Finding("RepositoryDateMissing", FindingSeverity.Error, "The Release file has no Date.", repository.Location);
        }
        else if (date > now.AddSeconds(10))
        {
            // apt's Acquire::Max-FutureTime is 10 seconds.
            yield return new Finding("RepositoryDateInFuture", FindingSeverity.Error, $"The Release file is dated {date:u}: clients refuse it until then.", repository.Location);
        }

        if (release.ValidUntil is { } until && until < now)
        {
            yield return new Finding("RepositoryExpired", FindingSeverity.Error, $"The state was valid until {until:u}: clients refuse it.", repository.Location) { Advice = "Run Update-Repository." };
        }
        else if (release.ValidUntil is { } soon && release.Date is { } from && soon - now < (soon - from) / 4)
        {
            yield return new Finding("RepositoryExpiresSoon", FindingSeverity.Warning, $"The state is valid only until {soon:u}.", repository.Location) { Advice = "Run Update-Repository." };
        }
    }

    private static async Task<Finding?> CheckSignatureAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken)
    {
        try
        {
            ReadOnlyMemory<byte> keys = (await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false))?.PublicKey ?? default;
            PointerTrust.Require(pointer, keys, repository.Context.Clock.GetUtcNow().AddSeconds(10), repository.Location);
            return null;
        }
        catch (OmnibusException e)
        {
            return new Finding(e.Id, FindingSeverity.Error, e.Message, repository.Location, pointer.Key) { Advice = e.Advice };
        }
    }

    private static IEnumerable<Finding> CheckDependencies(Repository repository, IReadOnlyList<PublishedPackage> all)
    {
        PublishedPackage[] packages = [.. all.Where(p => p.Architecture != AptIndex.SourceArchitecture)];
        ILookup<string, PublishedPackage> byName = packages.ToLookup(p => p.Name, StringComparer.Ordinal);
        var provided = new HashSet<string>(StringComparer.Ordinal);
        foreach (PublishedPackage package in packages)
        {
            foreach (PackageRelation relation in Relations(package, "Provides", RelationKind.Provides))
            {
                provided.UnionWith(relation.Alternatives.Select(a => a.Name));
            }
        }

        var external = new SortedSet<string>(StringComparer.Ordinal);
        foreach (PublishedPackage package in packages)
        {
            foreach (PackageRelation relation in s_needs.SelectMany(field => Relations(package, field, RelationKind.Depends)))
            {
                if (relation.Alternatives.Any(a => provided.Contains(a.Name) || byName[a.Name].Any(p => Satisfies(a, p.Version))))
                {
                    continue;
                }

                if (relation.Alternatives.All(a => byName.Contains(a.Name)))
                {
                    yield return new Finding(
                        "RepositoryDependencyUnmet",
                        FindingSeverity.Error,
                        $"{package} needs {DebRelation.Format(relation)}; the repository has {string.Join(", ", relation.Alternatives.SelectMany(a => byName[a.Name]).Select(p => $"{p.Name} {p.Version}").Distinct())}.",
                        package.ToString(),
                        package.Key);
                }
                else
                {
                    external.Add(relation.Alternatives.First(a => !byName.Contains(a.Name)).Name);
                }
            }
        }

        if (external.Count > 0)
        {
            yield return new Finding(
                "RepositoryDependencyElsewhere",
                FindingSeverity.Information,
                $"{external.Count} names must come from the distribution or another repository: {string.Join(", ", external.Take(50))}{(external.Count > 50 ? ", …" : string.Empty)}.",
                repository.Location);
        }
    }

    private static IReadOnlyList<PackageRelation> Relations(PublishedPackage package, string field, RelationKind kind)
    {
        foreach ((string name, string value) in package.Fields)
        {
            if (name.Equals(field, StringComparison.OrdinalIgnoreCase))
            {
                try
                {
                    return DebRelation.Parse(kind, value);
                }
                catch (FormatException)
                {
                    return [];
                }
            }
        }

        return [];
    }

    private static bool Satisfies(RelationTarget target, string version)
    {
        if (target.Operator == RelationOperator.Any || target.Version is null)
        {
            return true;
        }

        int order = DebVersionComparer.Instance.Compare(version, target.Version);
        return target.Operator switch
        {
            RelationOperator.Less => order < 0,
            RelationOperator.LessOrEqual => order <= 0,
            RelationOperator.Equal => order == 0,
            RelationOperator.GreaterOrEqual => order >= 0,
            _ => order > 0,
        };
    }
}
