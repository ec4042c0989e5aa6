using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>
/// Checks one signature over data that comes in pieces. RSA with SHA-2 is the platform's work: the library tests the modulus anew for
/// each signature, which takes a tenth of a second with 4096 bits. All else, SHA-1 and MD5 among it, which platforms may forbid, is the library's.
/// </summary>
internal sealed class SignatureCheck : IDisposable
{
    private readonly PgpSignature _signature;
    private readonly RsaPublicBcpgKey? _rsa;
    private readonly HashAlgorithmName _hashName;
    private readonly IncrementalHash? _hash;
    private byte _last;

    /// <summary>Begins.</summary>
    /// <exception cref="Exception">Any: the library does not know the algorithm, or the key is broken.</exception>
    public SignatureCheck(PgpSignature signature, PgpPublicKey key)
    {
        _signature = signature;
        _hashName = signature.HashAlgorithm switch
        {
            HashAlgorithmTag.Sha256 => HashAlgorithmName.SHA256,
            HashAlgorithmTag.Sha384 => HashAlgorithmName.SHA384,
            HashAlgorithmTag.Sha512 => HashAlgorithmName.SHA512,
            _ => default,
        };
        bool rsaSignature = signature.KeyAlgorithm is PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign;
        if (rsaSignature && _hashName.Name is not null && key.PublicKeyPacket.Key is RsaPublicBcpgKey rsa)
        {
            _rsa = rsa;
            _hash = IncrementalHash.CreateHash(_hashName);
        }
        else
        {
            signature.InitVerify(key);
        }
    }

    /// <summary>Takes the next bytes. Text signatures are over CR LF line ends, whatever comes.</summary>
    public void Update(ReadOnlySpan<byte> data)
    {
        if (_hash is null)
        {
            _signature.Update(data);
            return;
        }

        if (_signature.SignatureType != PgpSignature.CanonicalTextDocument)
        {
            _hash.AppendData(data);
            return;
        }

        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> before = end < 0 ? data : data[..end];
            _hash.AppendData(before);
            _last = before.IsEmpty ? _last : before[^1];
            if (end < 0)
            {
                return;
            }

            _hash.AppendData(_last == '\r' ? "\n"u8 : "\r\n"u8);
            _last = (byte)'\n';
            data = data[(end + 1)..];
        }
    }

    /// <summary>Whether the signature is right. What cannot be computed is not.</summary>
    public bool Holds()
    {
        try
        {
            if (_hash is null)
            {
                return _signature.Verify();
            }

            _hash.AppendData(_signature.GetSignatureTrailer());
            byte[] modulus = _rsa!.Modulus.ToByteArrayUnsigned();
            byte[] number = _signature.GetSignature();
            if (number.Length > modulus.Length)
            {
                return false;
            }

            var value = new byte[modulus.Length];
            number.CopyTo(value, modulus.Length - number.Length);
            using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = _rsa.PublicExponent.ToByteArrayUnsigned() });
            return rsa.VerifyHash(_hash.GetHashAndReset(), value, _hashName, RSASignaturePadding.Pkcs1);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Impossible points, numbers out of range, moduli of zero: hostile or foreign, in any case not right.
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hash?.Dispose();

    /// <summary>Checks a signature over given bytes.</summary>
    public static bool Holds(PgpSignature signature, PgpPublicKey key, IReadOnlyList<byte[]> hashed)
    {
        try
        {
            using var check = new SignatureCheck(signature, key);
            foreach (byte[] part in hashed)
            {
                check.Update(part);
            }

            return check.Holds();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // An algorithm that the library does not know.
            return false;
        }
    }
}
