using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>A primary key or subkey of a certificate with the signatures that bind it.</summary>
internal sealed class CertificateKey
{
    private static readonly Dictionary<string, string> s_curves = new(StringComparer.Ordinal)
    {
        ["1.3.6.1.4.1.11591.15.1"] = "Ed25519",
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
        ["1.3.6.1.4.1.3029.1.5.1"] = "Cv25519",
        ["1.2.840.10045.3.1.7"] = "NIST P-256",
        ["1.3.132.0.34"] = "NIST P-384",
        ["1.3.132.0.35"] = "NIST P-521",
        ["1.3.132.0.10"] = "secp256k1",
        ["1.3.36.3.3.2.8.1.1.7"] = "brainpoolP256r1",
        ["1.3.36.3.3.2.8.1.1.11"] = "brainpoolP384r1",
        ["1.3.36.3.3.2.8.1.1.13"] = "brainpoolP512r1",
    };

    public CertificateKey(PgpPublicKey key, bool isPrimary, bool hasSecretPacket)
    {
        Key = key;
        IsPrimary = isPrimary;
        HasSecretPacket = hasSecretPacket;
        Fingerprint = Convert.ToHexString(key.GetFingerprint());
        Created = CertificateSignature.DateTimeAt(key.CreationTime);
        Size = SafeSize(key);
    }

    /// <summary>The key as the library knows it.</summary>
    public PgpPublicKey Key { get; }

    /// <summary>Whether it is the primary key.</summary>
    public bool IsPrimary { get; }

    /// <summary>Whether it came as a secret key packet (which may still be an empty shell).</summary>
    public bool HasSecretPacket { get; }

    /// <summary>Upper-case hex.</summary>
    public string Fingerprint { get; }

    /// <summary>The last 16 hex digits of the fingerprint.</summary>
    public string KeyId => Fingerprint[^16..];

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>Bits of the modulus, prime or curve; 0 when unknown.</summary>
    public int Size { get; }

    /// <summary>Direct signatures, bindings and revocations made by the primary key.</summary>
    public List<CertificateSignature> Signatures { get; } = [];

    /// <summary>RSA, DSA, ECDSA, EdDSA, ECDH, ElGamal, or the number of an unknown one.</summary>
    public string Algorithm => Key.Algorithm switch
    {
        PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign or PublicKeyAlgorithmTag.RsaEncrypt => "RSA",
        PublicKeyAlgorithmTag.Dsa => "DSA",
        PublicKeyAlgorithmTag.ECDsa => "ECDSA",
        PublicKeyAlgorithmTag.EdDsa_Legacy or PublicKeyAlgorithmTag.Ed25519 or PublicKeyAlgorithmTag.Ed448 => "EdDSA",
        PublicKeyAlgorithmTag.ECDH or PublicKeyAlgorithmTag.X25519 or PublicKeyAlgorithmTag.X448 => "ECDH",
        PublicKeyAlgorithmTag.ElGamalEncrypt or PublicKeyAlgorithmTag.ElGamalGeneral => "ElGamal",
        _ => $"algorithm {(int)Key.Algorithm}",
    };

    /// <summary>The elliptic curve, or null.</summary>
    public string? Curve => Key.PublicKeyPacket.Key switch
    {
        Ed25519PublicBcpgKey => "Ed25519",
        Ed448PublicBcpgKey => "Ed448",
        ECPublicBcpgKey key => CurveName(key.CurveOid),
        _ => null,
    };

    /// <summary>Whether its mathematics can sign at all.</summary>
    public bool CanSignByAlgorithm => Algorithm is "RSA" or "DSA" or "ECDSA" or "EdDSA" && Key.Algorithm != PublicKeyAlgorithmTag.RsaEncrypt;

    /// <summary>What is hashed for this key: tag, length, packet body (RFC 9580 section 5.2.4, version 4).</summary>
    public byte[] HashedForm()
    {
        byte[] body = Key.PublicKeyPacket.GetEncodedContents();
        return [0x99, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    /// <summary>Whether binding flags let it sign data; a binding without flags leaves it to the algorithm.</summary>
    public bool MaySign(CertificateSignature? binding) => CanSignByAlgorithm && (binding?.Flags is not { } flags || (flags & KeyFlags.SignData) != 0);

    private static string CurveName(DerObjectIdentifier curve) => s_curves.GetValueOrDefault(curve.Id, curve.Id);

    private static int SafeSize(PgpPublicKey key)
    {
        try
        {
            return key.BitStrength;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return 0; // An unknown algorithm or curve.
        }
    }
}
