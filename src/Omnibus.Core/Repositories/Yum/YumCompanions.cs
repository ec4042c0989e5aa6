using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The files that follow from a repomd.xml: its detached signature, and the key that clients may fetch.</summary>
internal static class YumCompanions
{
    /// <summary>Makes them; nothing for an unsigned repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="pointer">Its pointer, just written.</param>
    /// <param name="all">
    /// Whether the key may be missing: then it comes first, so that where the signature is in place, all is. Otherwise the signature does,
    /// as clients that check it wait for it.
    /// </param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<CompanionObject>> MakeAsync(Repository repository, PublishedPointer pointer, bool all, CancellationToken cancellationToken)
    {
        ISigner? signer = await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        if (signer is null)
        {
            return [];
        }

        // A block for each key: rpm with Sequoia refuses a block with two signatures, and reads the first of two blocks; GnuPG reads them all.
        var signatures = new MemoryStream();
        foreach (ISigner one in signer.Signers)
        {
            using var data = new MemoryStream(pointer.Content.ToArray(), writable: false);
            signatures.Write(await one.SignDetachedAsync(data, armor: true, RepomdFile.Read(pointer).Time, cancellationToken).ConfigureAwait(false));
        }

        var key = new CompanionObject(YumLayout.PublicKeyKey, null, Armor.Encode(signer.PublicKey.Span, "PUBLIC KEY BLOCK"));
        var signature = new CompanionObject(YumLayout.SignatureKey, null, signatures.ToArray());
        return all ? [key, signature] : [signature, key];
    }

    /// <summary>Whether the signature in place is one of this pointer.</summary>
    public static async Task<bool> AreInPlaceAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken)
    {
        ISigner? signer = await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset time = RepomdFile.Read(pointer).Time;
        return signer is null
            || (await repository.Store.ReadBytesAsync(YumLayout.SignatureKey, PublishedPointer.LongestSignature, cancellationToken).ConfigureAwait(false) is { } published
                && (await YumTrust.VerifyAsync(pointer.Content, published, signer.PublicKey, time.AddSeconds(1), cancellationToken).ConfigureAwait(false)).Good);
    }
}
