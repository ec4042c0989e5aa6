using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>Locks secret key packets with a passphrase: AES-256-CFB, key by iterated and salted SHA-256 (RFC 9580 section 3.7.1.3), SHA-1 checksum inside, as GnuPG reads it.</summary>
internal static class SecretKeyProtection
{
    // The coded count 0xE0 hashes 16 MiB: about a tenth of a second for us, much for a guesser. The library's own choice is 64 KiB.
    private const int IterationCode = 0xE0;

    /// <summary>Encrypts the secret packets of one unprotected key.</summary>
    public static byte[] Lock(ReadOnlyMemory<byte> secretPackets, byte[] passphrase)
    {
        var random = new SecureRandom();
        var locked = new MemoryStream();
        foreach (OpenPgpPacket packet in OpenPgpPacket.Split(secretPackets, "secret key"))
        {
            if (packet.Kind is PacketKind.SecretKey or PacketKind.SecretSubkey)
            {
                var secret = (SecretKeyPacket)new BcpgInputStream(new MemoryStream(packet.Whole.ToArray())).ReadPacket();
                locked.Write(OpenPgpPacket.Frame(packet.Kind, LockedBody(secret, passphrase, random)));
            }
            else
            {
                locked.Write(packet.Whole.Span);
            }
        }

        return locked.ToArray();
    }

    /// <summary>Takes the private key out of a secret key packet.</summary>
    /// <param name="key">The secret key.</param>
    /// <param name="passphrase">UTF-8, or null.</param>
    /// <param name="item">The key, for errors.</param>
    /// <exception cref="OmnibusException"><c>SigningPassphraseRequired</c>, <c>SigningPassphraseWrong</c>, <c>SigningKeySecretMissing</c>.</exception>
    public static PgpPrivateKey Unlock(PgpSecretKey key, byte[]? passphrase, string item)
    {
        bool isProtected = key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null;
        if (isProtected && passphrase is null)
        {
            throw new OmnibusException(
                "SigningPassphraseRequired",
                ErrorKind.Security,
                $"The secret of signing key {item} is protected and no passphrase was given.",
                item,
                "Give the passphrase as a SecureString, for example: -Passphrase (Read-Host -AsSecureString).");
        }

        try
        {
            return key.ExtractPrivateKeyRaw(passphrase ?? []) ?? throw new OmnibusException(
                "SigningKeySecretMissing", ErrorKind.NotFound, $"Signing key {item} has no secret here.", item, "Import the secret key, or sign through GnuPG where the secret is.");
        }
        catch (Exception e) when (e is not OutOfMemoryException and not OmnibusException)
        {
            // The library tells a wrong passphrase by a checksum that does not fit, in several exceptions.
            throw isProtected
                ? new OmnibusException("SigningPassphraseWrong", ErrorKind.Security, $"The passphrase for signing key {item} is wrong.", item, inner: e)
                : new OmnibusException("OpenPgpInvalid", ErrorKind.InvalidData, $"The secret of signing key {item} is broken.", item, inner: e);
        }
    }

    private static byte[] LockedBody(SecretKeyPacket secret, byte[] passphrase, SecureRandom random)
    {
        // Without protection the numbers are followed by a two-byte sum, which the SHA-1 checksum replaces.
        byte[] plain = secret.GetSecretKeyData();
        byte[] numbers = plain[..^2];
        byte[] locked = [.. numbers, .. SHA1.HashData(numbers)];
        byte[] initial = RandomNumberGenerator.GetBytes(16);
        var derivation = new S2k(HashAlgorithmTag.Sha256, SecureRandom.GetNextBytes(random, 8), IterationCode);
        KeyParameter key = PgpUtilities.MakeKeyFromPassPhraseRaw(SymmetricKeyAlgorithmTag.Aes256, derivation, passphrase);
        byte[] keyBytes = key.GetKey();
        using var aes = Aes.Create();
        aes.Key = keyBytes;

        // CFB works like a stream: what fills the last block is cut off again.
        var padded = new byte[(locked.Length + 15) / 16 * 16];
        locked.CopyTo(padded, 0);
        byte[] encrypted = aes.EncryptCfb(padded, initial, PaddingMode.None, feedbackSizeInBits: 128)[..locked.Length];
        foreach (byte[] clear in new[] { plain, numbers, locked, padded, keyBytes })
        {
            CryptographicOperations.ZeroMemory(clear);
        }

        return new SecretKeyPacket(secret.PublicKeyPacket, SymmetricKeyAlgorithmTag.Aes256, SecretKeyPacket.UsageSha1, derivation, initial, encrypted).GetEncodedContents();
    }
}
