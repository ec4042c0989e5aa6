using System.Buffers.Binary;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>
/// Builds one version 4 signature packet over data (RFC 9580 section 5.2.3), always with SHA-512. The hash and RSA come from the
/// platform: signing thousands of packages with RSA-4096 in managed code would take minutes.
/// </summary>
internal sealed class DataSignatureBuilder : IDisposable
{
    private const byte Sha512Id = (byte)HashAlgorithmTag.Sha512;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly PgpPrivateKey _key;
    private readonly byte[] _header;
    private readonly byte[] _keyId;

    /// <param name="key">The unlocked key.</param>
    /// <param name="fingerprint">Its 20-byte fingerprint.</param>
    /// <param name="type">0x00 for bytes, 0x01 for text with canonical line ends.</param>
    /// <param name="time">Creation time, in whole seconds.</param>
    public DataSignatureBuilder(PgpPrivateKey key, byte[] fingerprint, byte type, DateTimeOffset time)
    {
        _key = key;
        _keyId = fingerprint[^8..];
        var seconds = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(seconds, (uint)time.ToUnixTimeSeconds());
        byte[] subpackets = [22, (byte)SignatureSubpacketTag.IssuerFingerprint, 4, .. fingerprint, 5, (byte)SignatureSubpacketTag.CreationTime, .. seconds];
        _header = [4, type, (byte)key.PublicKeyPacket.Algorithm, Sha512Id, 0, (byte)subpackets.Length, .. subpackets];
    }

    /// <summary>Takes the next bytes of the data.</summary>
    public void Update(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    /// <summary>Signs what was taken and gives the whole packet.</summary>
    public byte[] Finish()
    {
        _hash.AppendData(_header);
        var trailer = new byte[6];
        trailer[0] = 4;
        trailer[1] = 0xFF;
        BinaryPrimitives.WriteUInt32BigEndian(trailer.AsSpan(2), (uint)_header.Length);
        _hash.AppendData(trailer);
        byte[] digest = _hash.GetHashAndReset();
        byte[] body = [.. _header, 0, 10, 9, (byte)SignatureSubpacketTag.IssuerKeyId, .. _keyId, digest[0], digest[1], .. Sign(digest)];
        return OpenPgpPacket.Frame(PacketKind.Signature, body);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private byte[] Sign(byte[] digest)
    {
        switch (_key.Key)
        {
            case RsaPrivateCrtKeyParameters key:
                using (var rsa = RSA.Create(DotNetUtilities.ToRSAParameters(key)))
                {
                    return Number(rsa.SignHash(digest, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));
                }

            case Ed25519PrivateKeyParameters key:
                byte[] pair = EdSign(new Ed25519Signer(), key, digest);

                // The old EdDSA form keeps both halves as numbers; the new Ed25519 form keeps 64 bytes.
                return _key.PublicKeyPacket.Algorithm == PublicKeyAlgorithmTag.EdDsa_Legacy ? [.. Number(pair.AsSpan(0, 32)), .. Number(pair.AsSpan(32))] : pair;
            case Ed448PrivateKeyParameters key:
                return EdSign(new Ed448Signer([]), key, digest);
            case ECPrivateKeyParameters key:
                return Numbers(new ECDsaSigner(), new ParametersWithRandom(key, new SecureRandom()), digest);
            case DsaPrivateKeyParameters key:
                return Numbers(new DsaSigner(), new ParametersWithRandom(key, new SecureRandom()), digest);
            default:
                throw new OmnibusException("SigningKeyUnsupported", ErrorKind.Unsupported, $"Signing with a key of kind {_key.PublicKeyPacket.Algorithm} is not supported.", Convert.ToHexString(_keyId));
        }
    }

    private static byte[] EdSign(Org.BouncyCastle.Crypto.ISigner signer, AsymmetricKeyParameter key, byte[] digest)
    {
        signer.Init(true, key);
        signer.BlockUpdate(digest, 0, digest.Length);
        return signer.GenerateSignature();
    }

    private static byte[] Numbers(IDsa signer, ICipherParameters key, byte[] digest)
    {
        signer.Init(true, key);
        BigInteger[] pair = signer.GenerateSignature(digest);
        return [.. Number(pair[0].ToByteArrayUnsigned()), .. Number(pair[1].ToByteArrayUnsigned())];
    }

    // A multiprecision integer: length in bits, then the bytes without leading zeros.
    private static byte[] Number(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart((byte)0);
        int bits = value.IsEmpty ? 0 : (value.Length * 8) - (System.Numerics.BitOperations.LeadingZeroCount(value[0]) - 24);
        return [(byte)(bits >> 8), (byte)bits, .. value];
    }
}
