using System.Runtime.CompilerServices;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Reads a yum repository that another program published.</summary>
internal sealed class YumForeignReader(IObjectStore store, ForeignSource source, DateTimeOffset time)
{
    /// <summary>The packages of the architectures that are wanted.</summary>
    public async IAsyncEnumerable<PublishedPackage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] content = await store.ReadBytesAsync(YumLayout.PointerKey, PublishedPointer.LongestPointer, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "ForeignRepositoryNotFound",
            ErrorKind.NotFound,
            $"{store.Location} is no yum repository: {YumLayout.PointerKey} is not there.",
            source.Uri,
            "Give the address as it stands as baseurl in a .repo file.");
        byte[]? signature = source.SkipSignatureCheck ? null : await store.ReadBytesAsync(YumLayout.SignatureKey, PublishedPointer.LongestSignature, cancellationToken).ConfigureAwait(false);
        await new ForeignTrust(source, time).RequireDetachedAsync(content, signature, YumLayout.PointerKey, cancellationToken).ConfigureAwait(false);
        RepomdRecord primary = RepomdFile.Read(new PublishedPointer(YumLayout.PointerKey, string.Empty, content)).Find(YumIndexKind.Primary.Type) ?? throw new OmnibusException(
            "ForeignIndexMissing", ErrorKind.NotFound, $"{store.Location}: {YumLayout.PointerKey} names no list of packages.", source.Uri);
        await foreach (byte[] element in YumMerge.ReadElementsAsync(store, primary, cancellationToken).ConfigureAwait(false))
        {
            PublishedPackage package = PackageElement.Read(element, primary.Key);
            if (package.Architecture == "noarch" || source.Architectures.Contains(package.Architecture, StringComparer.Ordinal))
            {
                yield return package;
            }
        }
    }
}
