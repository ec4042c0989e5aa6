using System.Buffers;
using System.Security;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>Signs in this process with a secret that was unlocked once. It may be used by several threads at once.</summary>
public sealed class InProcessSigner : ISigner
{
    private const byte BinaryType = 0x00;
    private const byte TextType = 0x01;

    private readonly PgpPrivateKey _privateKey;
    private readonly Certificate _certificate;
    private readonly CertificateKey _signingKey;

    private InProcessSigner(SigningKey key, CertificateKey signingKey, PgpPrivateKey privateKey)
    {
        Key = key;
        _certificate = key.Certificate;
        _signingKey = signingKey;
        _privateKey = privateKey;
    }

    /// <summary>The key.</summary>
    public SigningKey Key { get; }

    /// <inheritdoc/>
    public string Fingerprint => Key.Fingerprint;

    /// <inheritdoc/>
    public string SigningFingerprint => _signingKey.Fingerprint;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _certificate.PublicPackets;

    /// <summary>Opens a signer from a secret key.</summary>
    /// <param name="secretKey">The secret key, armored or binary. It may be an export of subkeys alone.</param>
    /// <param name="passphrase">Unlocks it where it is protected.</param>
    /// <param name="known">The same key as it is known from elsewhere, with later signatures (a new expiry, say), or null.</param>
    /// <exception cref="OmnibusException"><c>SigningKeySecretMissing</c>, <c>SigningPassphraseRequired</c>, <c>SigningPassphraseWrong</c>, <c>SigningKeyExpired</c>, <c>SigningKeyRevoked</c>, <c>SigningKeyCannotSign</c>, and those of <see cref="SigningKey.Read"/>.</exception>
    public static InProcessSigner Open(ReadOnlyMemory<byte> secretKey, SecureString? passphrase = null, SigningKey? known = null)
    {
        List<Certificate> certificates = CertificateReader.Read(secretKey, "secret key");
        Certificate secretCertificate = certificates.Find(c => c.SecretPackets is not null && (known is null || c.Primary.Fingerprint == known.Fingerprint))
            ?? throw SecretMissing(known?.ToString() ?? certificates[0].Primary.Fingerprint);
        SigningKey key = known ?? SigningKey.FromCertificate(secretCertificate);
        PgpSecretKeyRing secrets = ReadSecrets(secretCertificate, key);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        CertificateKey? signingKey = key.Certificate.SigningKeyAt(now, k => SecretOf(secrets, k) is not null)
            ?? ExpiredButOwn(key, secrets);
        if (signingKey is null)
        {
            throw WhyNot(key, secrets, now);
        }

        PgpSecretKey secret = SecretOf(secrets, signingKey)!;
        PgpPrivateKey privateKey = passphrase is { Length: > 0 }
            ? Passphrase.Use(passphrase, bytes => SecretKeyProtection.Unlock(secret, bytes, key.ToString()))
            : SecretKeyProtection.Unlock(secret, null, key.ToString());
        return new InProcessSigner(key, signingKey, privateKey);
    }

    /// <inheritdoc/>
    public async Task<byte[]> SignDetachedAsync(Stream data, bool armor, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        using DataSignatureBuilder builder = Begin(BinaryType, time);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(81920);
        try
        {
            int read;
            while ((read = await data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                builder.Update(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        byte[] packet = builder.Finish();
        return armor ? Armor.Encode(packet, "SIGNATURE") : packet;
    }

    /// <inheritdoc/>
    public Task<byte[]> SignCleartextAsync(ReadOnlyMemory<byte> text, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using DataSignatureBuilder builder = Begin(TextType, time);
        CleartextMessage.Canonicalize(text.Span, builder.Update);
        return Task.FromResult(CleartextMessage.Build(text.Span, ["SHA512"], builder.Finish()));
    }

    internal static OmnibusException SecretMissing(string key) => new(
        "SigningKeySecretMissing",
        ErrorKind.NotFound,
        $"The secret of signing key {key} is not here.",
        key,
        "Import the secret key with Import-SigningKey, or sign through GnuPG where the secret is.");

    private DataSignatureBuilder Begin(byte type, DateTimeOffset? time)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds((time ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds());
        KeyState primary = _certificate.StateOf(_certificate.Primary, at);
        KeyState state = _certificate.StateOf(_signingKey, at);
        if (at < _signingKey.Created || at < _certificate.Primary.Created)
        {
            throw new OmnibusException(
                "SigningKeyNotYetValid",
                ErrorKind.InvalidArgument,
                $"A signature dated {at:u} would be older than signing key {Key}, made {_signingKey.Created:u}; no client accepts that.",
                Key.Fingerprint,
                "Mind SOURCE_DATE_EPOCH: sign with the present time, or use a key that is old enough.");
        }

        if (state.ExpiredAt(at) || primary.ExpiredAt(at))
        {
            throw Expired(Key, (state.ExpiredAt(at) ? state : primary).Expires!.Value);
        }

        return new DataSignatureBuilder(_privateKey, _signingKey.Key.GetFingerprint(), type, at);
    }

    private static OmnibusException Expired(SigningKey key, DateTimeOffset expires) => new(
        "SigningKeyExpired",
        ErrorKind.Security,
        $"Signing key {key} expired on {expires:u}.",
        key.Fingerprint,
        "Extend it with its own tool (gpg --quick-set-expire) and import it again, or sign with another key.");

    private static PgpSecretKeyRing ReadSecrets(Certificate certificate, SigningKey key)
    {
        try
        {
            return new PgpSecretKeyRing(certificate.SecretPackets!.Value.ToArray());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new OmnibusException("SigningKeyUnsupported", ErrorKind.Unsupported, $"The secret of signing key {key} is of a kind that cannot be read.", key.Fingerprint, "Export it again with a current GnuPG.", e);
        }
    }

    private static PgpSecretKey? SecretOf(PgpSecretKeyRing secrets, CertificateKey key) =>
        secrets.GetSecretKey(key.Key.GetFingerprint()) is { IsPrivateKeyEmpty: false } secret ? secret : null;

    // An expired key may be opened all the same: the time of each signature decides, and it may lie in the past.
    private static CertificateKey? ExpiredButOwn(SigningKey key, PgpSecretKeyRing secrets) => key.Certificate.Keys.FirstOrDefault(k =>
        key.Certificate.StateOf(k, DateTimeOffset.UtcNow) is { Binding: { } binding, Revoked: false } && k.MaySign(binding) && SecretOf(secrets, k) is not null);

    private static OmnibusException WhyNot(SigningKey key, PgpSecretKeyRing secrets, DateTimeOffset now)
    {
        Certificate certificate = key.Certificate;
        if (certificate.Keys.All(k => SecretOf(secrets, k) is null))
        {
            return SecretMissing(key.ToString());
        }

        return certificate.StateOf(certificate.Primary, now).Revoked
            ? new OmnibusException("SigningKeyRevoked", ErrorKind.Security, $"Signing key {key} was revoked by its owner.", key.Fingerprint, "Sign with another key.")
            : new OmnibusException("SigningKeyCannotSign", ErrorKind.Security, $"No part of signing key {key} whose secret is here may sign data.", key.Fingerprint, "Import a secret key with the ability to sign.");
    }
}
