using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Holds a published repomd.xml against the repository's own keys.</summary>
internal static class YumTrust
{
    /// <summary>Demands a good signature by one of the keys that sign this repository: the one inside the pointer, or the detached one of another maker.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="pointer">Its pointer.</param>
    /// <param name="keys">The public keys, binary.</param>
    /// <param name="time">The moment of the check.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>RepositorySignerUnknown</c>.</exception>
    public static async Task RequireAsync(Repository repository, PublishedPointer pointer, ReadOnlyMemory<byte> keys, DateTimeOffset time, CancellationToken cancellationToken)
    {
        string found = "it carries no signature";
        if (RepomdFile.SplitSignature(pointer) is { } own)
        {
            (bool good, found) = await VerifyAsync(own.Text, own.Signature, keys, time, cancellationToken).ConfigureAwait(false);
            if (good)
            {
                return;
            }
        }
        else if (await repository.Store.ReadBytesAsync(YumLayout.SignatureKey, PublishedPointer.LongestSignature, cancellationToken).ConfigureAwait(false) is { } detached)
        {
            (bool good, found) = await VerifyAsync(pointer.Content, detached, keys, time, cancellationToken).ConfigureAwait(false);
            if (good)
            {
                return;
            }
        }

        throw new OmnibusException(
            "RepositorySignerUnknown",
            ErrorKind.Security,
            $"{repository.Location}: {pointer.Key} is not signed by a key of this repository: {found}. Nothing was changed.",
            pointer.Key,
            "Somebody else publishes there, or the repository's keys were changed. When you are sure of what is published, sign it anew with Update-Repository -Force.");
    }

    /// <summary>Whether a detached signature is a good one.</summary>
    /// <returns>The answer, and what was found.</returns>
    public static async Task<(bool Good, string Found)> VerifyAsync(ReadOnlyMemory<byte> data, byte[] signature, ReadOnlyMemory<byte> keys, DateTimeOffset time, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new MemoryStream(data.ToArray(), writable: false);
            IReadOnlyList<SignatureVerification> verified = await new SignatureVerifier(SigningKey.Read(keys)).VerifyDetachedAsync(stream, signature, time, cancellationToken).ConfigureAwait(false);
            return (verified.Any(v => v.IsTrustworthy), string.Join("; ", verified));
        }
        catch (OmnibusException e) when (e.Kind is ErrorKind.InvalidData or ErrorKind.Security)
        {
            return (false, e.Message);
        }
    }
}
