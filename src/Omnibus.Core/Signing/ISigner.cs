namespace Omnibus.Core.Signing;

/// <summary>Makes OpenPGP signatures with one key: in process, or through GnuPG.</summary>
public interface ISigner
{
    /// <summary>Fingerprint of the primary key, upper-case hex without spaces.</summary>
    string Fingerprint { get; }

    /// <summary>Fingerprint of the key that makes the signatures: the primary key's own, or a subkey's.</summary>
    string SigningFingerprint => Fingerprint;

    /// <summary>The public key (certificate) as binary OpenPGP packets; of several signers, one after the other.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The signers behind this one: itself, or each key of a <see cref="MultiSigner"/>.</summary>
    IReadOnlyList<ISigner> Signers => [this];

    /// <summary>A detached signature over the bytes of a stream.</summary>
    /// <param name="data">Read to its end.</param>
    /// <param name="armor">ASCII armor, or binary packets.</param>
    /// <param name="time">Time of the signature; null for now.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>SigningKeySecretMissing</c>, <c>SigningKeyExpired</c>, <c>SigningKeyNotYetValid</c> (the time is before the key), <c>SigningFailed</c>.</exception>
    Task<byte[]> SignDetachedAsync(Stream data, bool armor, DateTimeOffset? time, CancellationToken cancellationToken);

    /// <summary>A cleartext-signed message (RFC 9580 section 7), as InRelease is.</summary>
    /// <inheritdoc cref="SignDetachedAsync"/>
    Task<byte[]> SignCleartextAsync(ReadOnlyMemory<byte> text, DateTimeOffset? time, CancellationToken cancellationToken);
}
