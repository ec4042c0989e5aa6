using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Holds a published pointer against the repository's own keys.</summary>
internal static class PointerTrust
{
    /// <summary>Demands a good signature by one of the keys that sign this repository.</summary>
    /// <param name="pointer">A cleartext-signed pointer.</param>
    /// <param name="keys">The public keys, binary.</param>
    /// <param name="time">The moment of the check.</param>
    /// <param name="location">The repository, for errors.</param>
    /// <exception cref="OmnibusException"><c>RepositorySignerUnknown</c>, <c>RepositoryPointerInvalid</c>.</exception>
    public static void Require(PublishedPointer pointer, ReadOnlyMemory<byte> keys, DateTimeOffset time, string location)
    {
        CleartextVerification verification;
        try
        {
            verification = new SignatureVerifier(SigningKey.Read(keys)).VerifyCleartext(pointer.Content, pointer.Key, time);
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.InvalidData)
        {
            throw new OmnibusException("RepositoryPointerInvalid", ErrorKind.InvalidData, $"{location}: {pointer.Key} is no signed file: {e.Message}", pointer.Key, inner: e);
        }

        foreach (SignatureVerification signature in verification.Signatures)
        {
            if (signature.IsTrustworthy)
            {
                return;
            }
        }

        throw new OmnibusException(
            "RepositorySignerUnknown",
            ErrorKind.Security,
            $"{location}: {pointer.Key} is not signed by a key of this repository: {string.Join("; ", verification.Signatures)}. Nothing was changed.",
            pointer.Key,
            "Somebody else publishes there, or the repository's keys were changed. When you are sure of what is published, sign it anew with Update-Repository -Force.");
    }
}
