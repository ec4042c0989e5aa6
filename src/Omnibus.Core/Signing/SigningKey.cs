using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>A key that signs repositories and packages, as users see it. The secret is never part of this object.</summary>
public sealed class SigningKey
{
    private SigningKey(Certificate certificate, DateTimeOffset time)
    {
        Certificate = certificate;
        CertificateUserId? main = certificate.MainUserId(time);
        Name = main?.Name ?? string.Empty;
        Email = main?.Email ?? string.Empty;
        UserIds = certificate.UserIds.Select(u => u.Text).ToArray();
        KeyState state = certificate.StateOf(certificate.Primary, time);
        Expires = state.Expires;
        Revoked = state.Revoked;
        Subkeys = certificate.Subkeys.Select(key => SubkeyOf(certificate, key, time)).ToArray();
        CanSign = certificate.SigningKeyAt(time, _ => true) is not null;
    }

    /// <summary>Name from the main user ID.</summary>
    public string Name { get; }

    /// <summary>Address from the main user ID, or an empty text.</summary>
    public string Email { get; }

    /// <summary>Fingerprint of the primary key: 40 upper-case hex digits.</summary>
    public string Fingerprint => Certificate.Primary.Fingerprint;

    /// <summary>The last 16 digits of the fingerprint.</summary>
    public string KeyId => Certificate.Primary.KeyId;

    /// <summary>RSA, DSA, ECDSA or EdDSA.</summary>
    public string Algorithm => Certificate.Primary.Algorithm;

    /// <summary>The elliptic curve, or null.</summary>
    public string? Curve => Certificate.Primary.Curve;

    /// <summary>Size in bits.</summary>
    public int Size => Certificate.Primary.Size;

    /// <summary>When the key was made (UTC).</summary>
    public DateTimeOffset Created => Certificate.Primary.Created;

    /// <summary>When it expires (UTC), or null for never.</summary>
    public DateTimeOffset? Expires { get; }

    /// <summary>Whether its owner revoked it.</summary>
    public bool Revoked { get; }

    /// <summary>Whether the primary key or a subkey can sign data now.</summary>
    public bool CanSign { get; }

    /// <summary>Whether a secret to sign with is at hand (in the store or in the file that was read).</summary>
    public bool HasSecret { get; init; }

    /// <summary>Whether the secret is protected by a passphrase.</summary>
    public bool Protected { get; init; }

    /// <summary>The subkeys.</summary>
    public IReadOnlyList<SigningSubkey> Subkeys { get; }

    /// <summary>All user IDs.</summary>
    public IReadOnlyList<string> UserIds { get; }

    /// <summary>The public key as binary OpenPGP packets.</summary>
    public ReadOnlyMemory<byte> PublicKey => Certificate.PublicPackets;

    /// <summary>The parsed certificate.</summary>
    internal Certificate Certificate { get; }

    /// <summary>Reads the keys of a public or secret keyring, armored or binary.</summary>
    /// <param name="data">The keyring.</param>
    /// <param name="item">Named in errors: the path.</param>
    /// <exception cref="OmnibusException"><c>ArmorInvalid</c>, <c>OpenPgpInvalid</c>, <c>SigningKeyUnsupported</c>, <c>KeyringFormatUnsupported</c>.</exception>
    public static IReadOnlyList<SigningKey> Read(ReadOnlyMemory<byte> data, string item = "keyring") =>
        CertificateReader.Read(data, item).Select(c => FromCertificate(c)).ToArray();

    /// <summary>Reads the keys of a keyring file.</summary>
    /// <inheritdoc cref="Read"/>
    public static async Task<IReadOnlyList<SigningKey>> ReadFileAsync(string path, CancellationToken cancellationToken = default) =>
        (await CertificateReader.ReadFileAsync(path, cancellationToken).ConfigureAwait(false)).Select(c => FromCertificate(c)).ToArray();

    /// <summary>Name, address and key ID.</summary>
    public override string ToString() => $"{(UserIds.Count > 0 ? UserIds[0] : "unnamed key")} ({KeyId})";

    /// <summary>Describes a certificate, as of now.</summary>
    internal static SigningKey FromCertificate(Certificate certificate, ReadOnlyMemory<byte>? secretPackets = null)
    {
        (bool hasSecret, bool isProtected) = (secretPackets ?? certificate.SecretPackets) is { } secret ? SecretState(secret) : default;
        return new SigningKey(certificate, DateTimeOffset.UtcNow) { HasSecret = hasSecret, Protected = isProtected };
    }

    private static (bool HasSecret, bool Protected) SecretState(ReadOnlyMemory<byte> secretPackets)
    {
        try
        {
            PgpSecretKey[] usable = new PgpSecretKeyRing(secretPackets.ToArray()).GetSecretKeys().Where(k => !k.IsPrivateKeyEmpty).ToArray();
            return (usable.Length > 0, usable.Any(k => k.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Secrets of a kind that the library cannot read: signing would fail with the reason.
            return default;
        }
    }

    private static SigningSubkey SubkeyOf(Certificate certificate, CertificateKey key, DateTimeOffset time)
    {
        KeyState state = certificate.StateOf(key, time);
        return new SigningSubkey(key.Fingerprint, key.KeyId, key.Algorithm, key.Curve, key.Size, key.Created, state.Expires, state.Revoked, state.Binding is not null && key.MaySign(state.Binding));
    }
}

/// <summary>A subkey of a signing key.</summary>
/// <param name="Fingerprint">Upper-case hex.</param>
/// <param name="KeyId">The last 16 digits of the fingerprint.</param>
/// <param name="Algorithm">RSA, DSA, ECDSA, EdDSA or ECDH.</param>
/// <param name="Curve">The elliptic curve, or null.</param>
/// <param name="Size">Size in bits.</param>
/// <param name="Created">When it was made (UTC).</param>
/// <param name="Expires">When it expires (UTC), or null for never.</param>
/// <param name="Revoked">Whether its owner revoked it, or the whole key.</param>
/// <param name="CanSign">Whether it may sign data.</param>
public sealed record SigningSubkey(
    string Fingerprint,
    string KeyId,
    string Algorithm,
    string? Curve,
    int Size,
    DateTimeOffset Created,
    DateTimeOffset? Expires,
    bool Revoked,
    bool CanSign);
