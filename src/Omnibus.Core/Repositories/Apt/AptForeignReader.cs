using System.Runtime.CompilerServices;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Indexes;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Reads a suite that another program published (the format as in wiki.debian.org/DebianRepository/Format).</summary>
internal sealed class AptForeignReader(IObjectStore store, ForeignSource source, DateTimeOffset time)
{
    private static readonly CompressionKind[] s_kinds = [CompressionKind.Zstd, CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.None];

    private readonly string _root = RootOf(source);

    private bool IsFlat => source.Suite!.EndsWith('/');

    /// <summary>The packages of the components and architectures that are wanted; one for all architectures once.</summary>
    public async IAsyncEnumerable<PublishedPackage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ReleaseFile release = await ReadReleaseAsync(cancellationToken).ConfigureAwait(false);
        var shared = new HashSet<PackageIdentity>();
        foreach (AptIndex index in ChooseIndexes(release))
        {
            Dictionary<CompressionKind, IndexReference> files = await FindFilesAsync(release, index.Path, cancellationToken).ConfigureAwait(false);
            IAsyncEnumerable<ReadOnlyMemory<byte>> bytes = IndexReader.ReadWholeAsync(store, files, cancellationToken);
            await foreach (byte[] stanza in StanzaSplitter.SplitAsync(bytes, _root + index.Path, cancellationToken).ConfigureAwait(false))
            {
                PublishedPackage package = index.Read(stanza, _root + index.Path);
                bool wanted = !IsFlat || package.Architecture == "all" || source.Architectures.Contains(package.Architecture, StringComparer.Ordinal);
                if (wanted && (package.Architecture != "all" || shared.Add(package.Identity)))
                {
                    yield return package;
                }
            }
        }
    }

    private static string RootOf(ForeignSource source)
    {
        if (string.IsNullOrEmpty(source.Suite))
        {
            throw new OmnibusException("ForeignSuiteMissing", ErrorKind.InvalidArgument, $"{ForeignRepository.Describe(source.Uri)}: which suite of the apt repository is meant?", source.Uri, "Give -Suite: the name of a folder in 'dists', or './' for a flat repository.");
        }

        // As apt takes it: "/" and "./" are the address itself.
        string suite = source.Suite;
        if (suite is "/" or "./")
        {
            return string.Empty;
        }

        string root = suite.EndsWith('/') ? suite.StartsWith("./", StringComparison.Ordinal) ? suite[2..] : suite : $"dists/{suite}/";
        ObjectKey.Check(root.TrimEnd('/'));
        return root;
    }

    private async Task<ReleaseFile> ReadReleaseAsync(CancellationToken cancellationToken)
    {
        var trust = new ForeignTrust(source, time);
        PublishedPointer pointer;
        if (await store.ReadBytesAsync(_root + "InRelease", PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false) is { } inRelease)
        {
            pointer = new PublishedPointer(_root + "InRelease", string.Empty, inRelease);
            await trust.RequireCleartextAsync(inRelease, pointer.Key).ConfigureAwait(false);
        }
        else
        {
            byte[] release = await store.ReadBytesAsync(_root + "Release", PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
                "ForeignRepositoryNotFound",
                ErrorKind.NotFound,
                $"{store.Location} has no suite '{source.Suite}': neither {_root}InRelease nor {_root}Release is there.",
                source.Uri,
                "Check address and suite as they stand in a sources.list.");
            pointer = new PublishedPointer(_root + "Release", string.Empty, release);
            byte[]? signature = source.SkipSignatureCheck ? null : await store.ReadBytesAsync(_root + "Release.gpg", PublishedPointer.LongestSignature, cancellationToken).ConfigureAwait(false);
            await trust.RequireDetachedAsync(release, signature, pointer.Key, cancellationToken).ConfigureAwait(false);
        }

        ReleaseFile read = AptPointer.Read(pointer);
        return read.ValidUntil is { } until && until < time && !source.SkipSignatureCheck
            ? throw new OmnibusException(
                "ForeignRepositoryExpired",
                ErrorKind.Security,
                $"{store.Location}: {pointer.Key} was valid until {until:u}: it may be an old state that somebody shows again.",
                source.Uri,
                "Ask the repository's maker to publish anew. An archive of old states is read with -SkipSignatureCheck.")
            : read;
    }

    private IEnumerable<AptIndex> ChooseIndexes(ReleaseFile release)
    {
        if (IsFlat)
        {
            bool sources = source.Architectures.Contains(AptIndex.SourceArchitecture, StringComparer.Ordinal);
            bool binaries = source.Architectures.Any(a => a != AptIndex.SourceArchitecture);
            return [.. binaries ? [new AptIndex(string.Empty, null, string.Empty)] : Array.Empty<AptIndex>(), .. sources ? [new AptIndex(string.Empty, AptIndex.SourceArchitecture, string.Empty)] : Array.Empty<AptIndex>()];
        }

        // "updates/main" is a component named main, below another folder (as security suites have it).
        IReadOnlyList<string> components = source.Components.Count > 0 ? source.Components : Split(release["Components"]);
        if (components.Count == 0)
        {
            throw Missing("Components", "its Release file names no components", "Name them with -SourceComponent.");
        }

        // Where "all" is an architecture of its own, its packages may be left out of the other indexes.
        IEnumerable<string> architectures = source.Architectures;
        if (Split(release["Architectures"]).Contains("all", StringComparer.Ordinal) && source.Architectures.Any(a => a != AptIndex.SourceArchitecture))
        {
            architectures = architectures.Append("all").Distinct();
        }

        var chosen = new List<AptIndex>();
        foreach (string component in components)
        {
            ObjectKey.Check(component);
            foreach (string architecture in architectures)
            {
                var index = new AptIndex(component, architecture, architecture == AptIndex.SourceArchitecture ? $"{component}/source/" : $"{component}/binary-{architecture}/");
                bool named = s_kinds.Any(k => release.Entries.ContainsKey(index.Path + Compressors.Extension(k)));
                if (named)
                {
                    chosen.Add(index);
                }
                else if (source.Components.Count > 0 && architecture != "all")
                {
                    throw Missing(index.Path, $"its Release file names no {index.Path}", "Check component and architecture.");
                }
            }
        }

        return chosen.Count > 0 ? chosen : throw Missing(string.Join(", ", source.Architectures), $"it has nothing for {string.Join(", ", source.Architectures)}", "Name other architectures with -Architecture.");
    }

    // By hash where the repository offers that: the file is then the one that this very Release file means. A file that is named need not be stored.
    private async Task<Dictionary<CompressionKind, IndexReference>> FindFilesAsync(ReleaseFile release, string path, CancellationToken cancellationToken)
    {
        bool byHash = string.Equals(release["Acquire-By-Hash"], "yes", StringComparison.OrdinalIgnoreCase);
        long? plainSize = release.Entries.GetValueOrDefault(path)?.Size;
        foreach (CompressionKind kind in s_kinds)
        {
            string name = path + Compressors.Extension(kind);
            if (!release.Entries.TryGetValue(name, out ReleaseEntry? entry))
            {
                continue;
            }

            string folder = name[..(name.LastIndexOf('/') + 1)];
            foreach (string key in byHash ? [$"{_root}{folder}by-hash/SHA256/{entry.Sha256}", _root + name] : new[] { _root + name })
            {
                if (await store.FindAsync(key, cancellationToken).ConfigureAwait(false) is not null)
                {
                    return new() { [kind] = new IndexReference(key, entry.Size, entry.Sha256, name) { PlainSize = plainSize } };
                }
            }
        }

        throw Missing(path, $"{_root}{path} is named, but is there in no compression that Omnibus reads", "It may just be published anew: try again.");
    }

    private OmnibusException Missing(string item, string what, string advice) => new("ForeignIndexMissing", ErrorKind.NotFound, $"{store.Location}: {what}.", item, advice);

    private static string[] Split(string? text) => text?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];
}
