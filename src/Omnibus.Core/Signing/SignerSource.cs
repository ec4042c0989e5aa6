using System.Security;

namespace Omnibus.Core.Signing;

/// <summary>
/// Opens the signer that a repository's or recipe's text names: a key of the store by fingerprint, key ID, name or address, or
/// <c>gnupg:FINGERPRINT</c> (with a <c>!</c> at the end for exactly that subkey) for one that GnuPG holds.
/// </summary>
/// <param name="store">The store of keys.</param>
/// <param name="gnupg">How GnuPG is called; null for its defaults.</param>
public sealed class SignerSource(SigningKeyStore store, GnuPGOptions? gnupg = null)
{
    /// <summary>What a name begins with that means a key of GnuPG.</summary>
    public const string GnuPGPrefix = "gnupg:";

    /// <summary>Opens a signer for one key or several.</summary>
    /// <param name="keys">The names. Several give one signer that makes all their signatures.</param>
    /// <param name="passphrase">Unlocks what is protected, or null.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>SigningKeyNotFound</c>, <c>SigningKeyAmbiguous</c>, <c>SigningKeySecretMissing</c>, <c>SigningPassphraseRequired</c>, <c>SigningPassphraseWrong</c>, <c>SigningKeyTwice</c>.</exception>
    public async Task<ISigner> OpenAsync(IReadOnlyCollection<string> keys, SecureString? passphrase = null, CancellationToken cancellationToken = default)
    {
        var signers = new List<ISigner>();
        foreach (string key in keys)
        {
            signers.Add(key.StartsWith(GnuPGPrefix, StringComparison.OrdinalIgnoreCase)
                ? await GnuPGSigner.OpenAsync(key[GnuPGPrefix.Length..], (gnupg ?? new GnuPGOptions()) with { Passphrase = passphrase ?? gnupg?.Passphrase }, cancellationToken).ConfigureAwait(false)
                : await store.OpenSignerAsync(key, passphrase, cancellationToken).ConfigureAwait(false));
        }

        return signers.Count == 1 ? signers[0] : new MultiSigner(signers);
    }

    /// <summary>Finds keys without their secrets.</summary>
    /// <param name="keys">The names.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>SigningKeyNotFound</c>, <c>SigningKeyAmbiguous</c>, <c>SigningKeyFingerprintInvalid</c>.</exception>
    public async Task<IReadOnlyList<SigningKey>> FindAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        var found = new List<SigningKey>();
        foreach (string key in keys)
        {
            found.Add(key.StartsWith(GnuPGPrefix, StringComparison.OrdinalIgnoreCase)
                ? await GnuPGSigner.FindAsync(key[GnuPGPrefix.Length..], gnupg ?? new GnuPGOptions(), cancellationToken).ConfigureAwait(false)
                : await store.GetAsync(key, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }
}
