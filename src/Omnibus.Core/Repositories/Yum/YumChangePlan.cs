using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Decides, from one walk through the published primary, what becomes of each package of a change.</summary>
internal sealed class YumChangePlan
{
    private readonly Dictionary<PackageIdentity, YumPackage> _additions;
    private readonly IReadOnlySet<PackageIdentity> _wantedRemovals;
    private readonly HashSet<UInt128> _hashes;
    private readonly HashSet<UInt128> _visited = [];
    private readonly bool _replace;

    /// <summary>Takes a change.</summary>
    public YumChangePlan(RepositoryChangeSet changes)
    {
        _additions = changes.Additions.OfType<YumPackage>().ToDictionary(p => p.Identity);
        _wantedRemovals = changes.Removals;
        _replace = changes.Replace;

        // Most packages of a repository are not touched: their keys need not become strings.
        _hashes = [.. _additions.Values.Select(p => PackageElementKey.Of(p.Other).Hash)];
        HasRemovals = _wantedRemovals.Count > 0;
    }

    /// <summary>Whether anything is to be taken out.</summary>
    public bool HasRemovals { get; }

    /// <summary>Packages to be written into the lists.</summary>
    public IReadOnlyCollection<YumPackage> Accepted => _additions.Values;

    /// <summary>Keys of the elements that leave the lists.</summary>
    public HashSet<UInt128> RemovedKeys { get; } = [];

    /// <summary>What became of each package.</summary>
    public List<PackageChange> Changes { get; } = [];

    /// <summary>Keys of files that are no longer named.</summary>
    public List<string> SupersededKeys { get; } = [];

    /// <summary>Additions that are published with other bytes.</summary>
    public List<OmnibusException> Conflicts { get; } = [];

    /// <summary>Packages in the published list.</summary>
    public long PublishedCount => _visited.Count;

    /// <summary>Packages in the merged list.</summary>
    public long MergedCount => PublishedCount - RemovedKeys.Count + Accepted.Count;

    /// <summary>Whether the lists change.</summary>
    public bool ChangesLists => RemovedKeys.Count > 0 || Accepted.Count > 0;

    /// <summary>Looks at one published package.</summary>
    public void Visit(ReadOnlySpan<byte> element)
    {
        PackageElementKey key = PackageElementKey.Of(element);
        UInt128 hash = key.Hash;

        // A list of another maker may hold a package twice, from two folders. The first counts, here and where the lists are merged.
        if (!_visited.Add(hash) || (!HasRemovals && !_hashes.Contains(hash)))
        {
            return;
        }

        PackageIdentity identity = key.ToIdentity();
        if (_additions.TryGetValue(identity, out YumPackage? package))
        {
            VisitSame(package, identity, hash, element);
        }
        else if (_wantedRemovals.Contains(identity) && RemovedKeys.Add(hash))
        {
            string location = PackageElement.LocationOf(element);
            SupersededKeys.Add(location);
            Changes.Add(new PackageChange(PackageChangeKind.Removed, identity, location, SizeOf(element)));
        }
    }

    /// <summary>Tells of the packages that are new. Once, after all were visited.</summary>
    public void Complete()
    {
        foreach (YumPackage package in _additions.Values)
        {
            if (!Changes.Exists(c => c.Kind == PackageChangeKind.Replaced && c.Package == package.Identity))
            {
                Changes.Add(new PackageChange(PackageChangeKind.Added, package.Identity, package.Key, package.Size));
            }
        }
    }

    private void VisitSame(YumPackage package, PackageIdentity identity, UInt128 hash, ReadOnlySpan<byte> element)
    {
        string location = PackageElement.LocationOf(element);
        string published = Encoding.ASCII.GetString(PackageElement.PackageIdOf(element));
        if (published == package.Sha256)
        {
            Changes.Add(new PackageChange(PackageChangeKind.Unchanged, identity, location, package.Size));
            _additions.Remove(identity);
        }
        else if (!_replace)
        {
            Conflicts.Add(new OmnibusException(
                "RepositoryPackageConflict",
                ErrorKind.Conflict,
                $"{identity} is already published with other content (published sha256 {(published.Length > 0 ? published : "unknown")}, yours {package.Sha256}).",
                package,
                "Raise the release number, or publish the file that is published. Only a mutable repository takes it with -Force."));
            _additions.Remove(identity);
        }
        else if (RemovedKeys.Add(hash))
        {
            // Other bytes never take an old key: a client that reads the old state still finds what that state promised.
            package.UsualKeyTaken = true;
            SupersededKeys.Add(location);
            Changes.Add(new PackageChange(PackageChangeKind.Replaced, identity, package.Key, package.Size));
        }
    }

    private static long SizeOf(ReadOnlySpan<byte> element)
    {
        int start = element.IndexOf("<size "u8);
        ReadOnlySpan<byte> size = start < 0 ? default : PackageElementKey.Attribute(element[start..], " package="u8);
        return System.Buffers.Text.Utf8Parser.TryParse(size, out long value, out _) ? value : 0;
    }
}
