using Omnibus.Core.Diagnostics;
using Org.BouncyCastle.Bcpg;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>Names of hashes as the Hash header of a signed text spells them (RFC 9580 section 9.5).</summary>
internal static class SignatureHash
{
    /// <summary>The hash of a signature packet.</summary>
    public static string NameOf(OpenPgpPacket signature) => CertificateReader.ParseSignature(signature) is { } parsed
        ? NameOf(parsed.HashAlgorithm)
        : throw new OmnibusException("SigningFailed", ErrorKind.InvalidData, "A signature was made that cannot be read back.");

    /// <summary>The name of a hash.</summary>
    public static string NameOf(HashAlgorithmTag hash) => hash switch
    {
        HashAlgorithmTag.MD5 => "MD5",
        HashAlgorithmTag.Sha1 => "SHA1",
        HashAlgorithmTag.RipeMD160 => "RIPEMD160",
        HashAlgorithmTag.Sha224 => "SHA224",
        HashAlgorithmTag.Sha256 => "SHA256",
        HashAlgorithmTag.Sha384 => "SHA384",
        HashAlgorithmTag.Sha512 => "SHA512",
        HashAlgorithmTag.Sha3_256 => "SHA3-256",
        HashAlgorithmTag.Sha3_512 => "SHA3-512",
        _ => $"hash{(int)hash}",
    };
}
