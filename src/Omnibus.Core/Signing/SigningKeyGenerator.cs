using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Omnibus.Core.Signing;

/// <summary>
/// Makes signing keys: one primary key that certifies and signs (rpm 4.12 and older cannot check a subkey's signatures),
/// bound to its name by SHA-512. It never asks and never waits for entropy.
/// </summary>
internal static class SigningKeyGenerator
{
    /// <summary>Makes a key.</summary>
    /// <returns>Its secret packets, locked when a passphrase was given.</returns>
    /// <exception cref="OmnibusException"><c>SigningKeyRequestInvalid</c>.</exception>
    public static byte[] Generate(SigningKeyRequest request)
    {
        string userId = UserIdOf(request);
        DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds((request.Created ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds());
        long lifetime = (long)(request.Lifetime ?? TimeSpan.Zero).TotalSeconds;
        if (request.Lifetime is not null && lifetime is <= 0 or > uint.MaxValue)
        {
            throw Invalid($"A key cannot live {request.Lifetime}: give more than a second and less than 136 years", request.Name);
        }

        var pair = request.Algorithm == SigningKeyAlgorithm.Ed25519
            ? new PgpKeyPair(PublicKeyAlgorithmTag.EdDsa_Legacy, NewEd25519(), created.UtcDateTime)
            : new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, NewRsa(request.Algorithm == SigningKeyAlgorithm.Rsa3072 ? 3072 : 4096), created.UtcDateTime);
        var hashed = new PgpSignatureSubpacketGenerator();
        hashed.SetSignatureCreationTime(false, created.UtcDateTime);
        hashed.SetIssuerFingerprint(false, pair.PublicKey);
        hashed.SetKeyFlags(false, KeyFlags.CertifyOther | KeyFlags.SignData);
        hashed.SetPrimaryUserId(false, true);
        hashed.SetPreferredHashAlgorithms(false, [(int)HashAlgorithmTag.Sha512, (int)HashAlgorithmTag.Sha384, (int)HashAlgorithmTag.Sha256]);
        hashed.SetPreferredSymmetricAlgorithms(false, [(int)SymmetricKeyAlgorithmTag.Aes256, (int)SymmetricKeyAlgorithmTag.Aes192, (int)SymmetricKeyAlgorithmTag.Aes128]);
        hashed.SetPreferredCompressionAlgorithms(false, [(int)CompressionAlgorithmTag.Uncompressed]);
        hashed.SetFeature(false, Features.FEATURE_MODIFICATION_DETECTION);
        if (request.Lifetime is not null)
        {
            // Not critical: rpm up to 4.18 does not import a key whose expiry is.
            hashed.SetKeyExpirationTime(false, lifetime);
        }

        var generator = new PgpKeyRingGenerator(
            PgpSignature.PositiveCertification,
            pair,
            userId,
            SymmetricKeyAlgorithmTag.Null,
            HashAlgorithmTag.Sha512,
            true,
            (char[]?)null,
            false, // The two-byte sum that an unprotected secret has; the library would write a SHA-1 that gpg does not expect there.
            hashed.Generate(),
            null,
            new SecureRandom());
        byte[] secret = generator.GenerateSecretKeyRing().GetEncoded();
        return request.Passphrase is { Length: > 0 } passphrase ? Passphrase.Use(passphrase, bytes => SecretKeyProtection.Lock(secret, bytes)) : secret;
    }

    /// <summary>The user ID that a request makes.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyRequestInvalid</c>.</exception>
    public static string UserIdOf(SigningKeyRequest request)
    {
        string name = request.Name.Trim();
        string email = request.Email?.Trim() ?? string.Empty;
        if (name.Length + email.Length is 0 or > 250 || (name + email).Any(c => char.IsControl(c) || c is '<' or '>'))
        {
            throw Invalid("The name and address of a key must be 1 to 250 characters without control characters, '<' and '>'", request.Name);
        }

        if (email.Length > 0 && (email.IndexOf('@', StringComparison.Ordinal) is 0 or -1 || email.Contains(' ', StringComparison.Ordinal)))
        {
            throw Invalid($"'{email}' is no e-mail address", email);
        }

        return email.Length == 0 ? name : name.Length == 0 ? email : $"{name} <{email}>";
    }

    private static AsymmetricCipherKeyPair NewEd25519()
    {
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        return generator.GenerateKeyPair();
    }

    private static AsymmetricCipherKeyPair NewRsa(int bits)
    {
        // OpenSSL finds the primes ten times faster than managed code, from the kernel's generator, which does not block once the machine has booted.
        using var rsa = RSA.Create(bits);
        return DotNetUtilities.GetRsaKeyPair(rsa);
    }

    private static OmnibusException Invalid(string message, string item) => new("SigningKeyRequestInvalid", ErrorKind.InvalidArgument, message + ".", item);
}
