using System.Buffers;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Omnibus.Core.Signing;

/// <summary>
/// Checks signatures against keyrings, as gpgv does: a signature counts when its key is known, bound to its owner, allowed to
/// sign, and neither expired nor revoked at the moment of the check.
/// </summary>
public sealed class SignatureVerifier
{
    private const int MostSignatures = 64;

    private readonly Dictionary<string, (Certificate Certificate, CertificateKey Key)> _byFingerprint = new(StringComparer.Ordinal);
    private readonly ILookup<string, (Certificate Certificate, CertificateKey Key)> _byKeyId;

    /// <summary>Makes a verifier that trusts the given keys.</summary>
    public SignatureVerifier(IEnumerable<SigningKey> keys)
    {
        foreach (SigningKey key in keys)
        {
            foreach (CertificateKey part in key.Certificate.Keys)
            {
                _byFingerprint.TryAdd(part.Fingerprint, (key.Certificate, part));
            }
        }

        _byKeyId = _byFingerprint.Values.ToLookup(p => p.Key.KeyId, StringComparer.Ordinal);
    }

    /// <summary>Makes a verifier that trusts the keys of keyring files, armored or binary.</summary>
    /// <exception cref="OmnibusException">Those of <see cref="SigningKey.ReadFileAsync"/>.</exception>
    public static async Task<SignatureVerifier> FromFilesAsync(IEnumerable<string> paths, CancellationToken cancellationToken = default)
    {
        var keys = new List<SigningKey>();
        foreach (string path in paths)
        {
            keys.AddRange(await SigningKey.ReadFileAsync(path, cancellationToken).ConfigureAwait(false));
        }

        return new SignatureVerifier(keys);
    }

    /// <summary>Checks detached signatures.</summary>
    /// <param name="data">The data, read once to its end.</param>
    /// <param name="signature">One signature or several, armored or binary.</param>
    /// <param name="time">The moment of the check; null for now.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The outcome of each signature, in their order.</returns>
    /// <exception cref="OmnibusException"><c>ArmorInvalid</c>, <c>OpenPgpInvalid</c>, <c>SignatureMissing</c>.</exception>
    public async Task<IReadOnlyList<SignatureVerification>> VerifyDetachedAsync(Stream data, ReadOnlyMemory<byte> signature, DateTimeOffset? time = null, CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<byte> packets = Armor.IsArmored(signature.Span) ? Armor.Decode(signature.Span, "signature") : signature;
        List<Candidate> candidates = Candidates(packets);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(81920);
        try
        {
            int read;
            while ((read = await data.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                Update(candidates, buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return JudgeAll(candidates, time);
    }

    /// <summary>Checks a cleartext-signed message such as InRelease.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="item">Named in errors: the path or address.</param>
    /// <param name="time">The moment of the check; null for now.</param>
    /// <exception cref="OmnibusException"><c>CleartextInvalid</c>, <c>ArmorInvalid</c>, <c>OpenPgpInvalid</c>, <c>SignatureMissing</c>.</exception>
    public CleartextVerification VerifyCleartext(ReadOnlyMemory<byte> message, string item, DateTimeOffset? time = null)
    {
        (byte[] text, byte[] packets) = CleartextMessage.Parse(message.Span, item);
        List<Candidate> candidates = Candidates(packets);
        CleartextMessage.Canonicalize(text, data => Update(candidates, data));
        return new CleartextVerification(text, JudgeAll(candidates, time));
    }

    /// <summary>Demands that at least one signature holds and stands on a hash that is not broken.</summary>
    /// <returns>That signature.</returns>
    /// <exception cref="OmnibusException"><c>SignatureInvalid</c>, with the outcome of each in the message.</exception>
    public static SignatureVerification Require(IReadOnlyList<SignatureVerification> signatures, string item) =>
        signatures.FirstOrDefault(s => s.IsTrustworthy) ?? throw new OmnibusException(
            "SignatureInvalid",
            ErrorKind.Security,
            $"{item} carries no signature that can be trusted: {string.Join("; ", signatures)}.",
            item,
            signatures.Any(s => s.Status == SignatureStatus.KeyMissing) ? "Add the signer's public key to the keyring, after checking its fingerprint." : null);

    private static void Update(List<Candidate> candidates, ReadOnlySpan<byte> data)
    {
        foreach (Candidate candidate in candidates)
        {
            candidate.Check?.Update(data);
        }
    }

    private static List<SignatureVerification> JudgeAll(List<Candidate> candidates, DateTimeOffset? time)
    {
        List<SignatureVerification> outcomes = candidates.ConvertAll(c => Judge(c, time ?? DateTimeOffset.UtcNow));
        candidates.ForEach(c => c.Check?.Dispose());
        return outcomes;
    }

    private static SignatureVerification Judge(Candidate candidate, DateTimeOffset time)
    {
        if (candidate.Signature is not { } signature)
        {
            return new SignatureVerification(SignatureStatus.Unsupported, new string('0', 16));
        }

        PgpSignatureSubpacketVector? hashed = signature.GetHashedSubPackets();
        DateTimeOffset created = CertificateSignature.DateTimeAt(signature.CreationTime);
        DateTimeOffset? expires = hashed?.GetSignatureExpirationTime() is > 0 and long seconds ? created.AddSeconds(seconds) : null;
        var outcome = new SignatureVerification(SignatureStatus.KeyMissing, candidate.KeyId)
        {
            Created = created,
            Expires = expires,
            HashAlgorithm = SignatureHash.NameOf(signature.HashAlgorithm),
        };
        if (candidate.Key is not { } key)
        {
            return outcome;
        }

        Certificate certificate = candidate.Certificate!;
        outcome = outcome with
        {
            Fingerprint = certificate.Primary.Fingerprint,
            SigningFingerprint = key.Fingerprint,
            Signer = certificate.MainUserId(time)?.Text ?? certificate.Primary.KeyId,
        };
        if (candidate.Check is not { } check)
        {
            return outcome with { Status = SignatureStatus.Unsupported };
        }

        KeyState state = certificate.StateOf(key, time);
        KeyState primary = certificate.StateOf(certificate.Primary, time);
        bool bound = primary.Binding is not null && state.Binding is not null && key.MaySign(state.Binding)
            && (key.IsPrimary || state.Binding.BackSignature is { IsValid: true });
        return outcome with
        {
            Status = !check.Holds() ? SignatureStatus.Bad
                : state.Revoked || primary.Revoked ? SignatureStatus.KeyRevoked
                : !bound ? SignatureStatus.KeyCannotSign
                : created > time || created < key.Created ? SignatureStatus.TimeWrong
                : expires <= time ? SignatureStatus.Expired
                : state.ExpiredAt(time) || primary.ExpiredAt(time) ? SignatureStatus.KeyExpired
                : SignatureStatus.Good,
        };
    }

    private List<Candidate> Candidates(ReadOnlyMemory<byte> packets)
    {
        var candidates = new List<Candidate>();
        foreach (OpenPgpPacket packet in OpenPgpPacket.Split(packets, "signature").Where(p => p.Kind == PacketKind.Signature).Take(MostSignatures))
        {
            candidates.Add(Prepare(CertificateReader.ParseSignature(packet)));
        }

        return candidates.Count > 0 ? candidates : throw new OmnibusException("SignatureMissing", ErrorKind.InvalidData, "The signature file holds no signature.", "signature");
    }

    private Candidate Prepare(PgpSignature? signature)
    {
        if (signature is null || signature.SignatureType is not (PgpSignature.BinaryDocument or PgpSignature.CanonicalTextDocument))
        {
            return new Candidate(null, string.Empty, null, null, null);
        }

        string keyId = signature.KeyId.ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
        string? fingerprint = new[] { signature.GetHashedSubPackets(), signature.GetUnhashedSubPackets() }
            .Select(area => area?.GetIssuerFingerprint()).OfType<IssuerFingerprint>().Select(f => Convert.ToHexString(f.GetFingerprint())).FirstOrDefault();
        if (signature.KeyId == 0 && fingerprint is { Length: 40 })
        {
            keyId = fingerprint[^16..];
        }

        (Certificate? certificate, CertificateKey? key) = fingerprint is not null && _byFingerprint.TryGetValue(fingerprint, out var exact)
            ? exact
            : _byKeyId[keyId].FirstOrDefault();
        SignatureCheck? check = null;
        if (key is not null)
        {
            try
            {
                check = new SignatureCheck(signature, key.Key);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // An algorithm or hash that the library does not know.
            }
        }

        return new Candidate(signature, keyId, certificate, key, check);
    }

    private sealed record Candidate(PgpSignature? Signature, string KeyId, Certificate? Certificate, CertificateKey? Key, SignatureCheck? Check);
}
