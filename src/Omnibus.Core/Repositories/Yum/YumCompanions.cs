using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The files that follow from a repomd.xml: its detached signature, and the key that clients may fetch.</summary>
internal static class YumCompanions
{
    /// <summary>Makes them; nothing for an unsigned repository. The signature comes last: where it is in place, all are.</summary>
    public static async Task<IReadOnlyList<CompanionObject>> MakeAsync(Repository repository, PublishedPointer pointer, CancellationToken cancellationToken)
    {
        ISigner? signer = await repository.OpenSignerAsync(cancellationToken).ConfigureAwait(false);
        if (signer is null)
        {
            return [];
        }

        using var data = new MemoryStream(pointer.Content.ToArray(), writable: false);
        byte[] signature = await signer.SignDetachedAsync(data, armor: true, RepomdFile.Read(pointer).Time, cancellationToken).ConfigureAwait(false);
        return
        [
            new CompanionObject(YumLayout.PublicKeyKey, null, Armor.Encode(signer.PublicKey.Span, "PUBLIC KEY BLOCK")),
            new CompanionObject(YumLayout.SignatureKey, null, signature),
        ];
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
