using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>A signature inside a certificate: what a key says of its own names and subkeys. It is checked when somebody first asks.</summary>
internal sealed class CertificateSignature
{
    private readonly PgpSignature _signature;
    private readonly Lazy<bool> _valid;

    /// <param name="signature">The parsed signature.</param>
    /// <param name="signedBy">The key that should have made it.</param>
    /// <param name="hashed">What it covers, in the order of RFC 9580 section 5.2.4.</param>
    public CertificateSignature(PgpSignature signature, PgpPublicKey signedBy, IReadOnlyList<byte[]> hashed)
    {
        _signature = signature;
        _valid = new Lazy<bool>(() => SignatureCheck.Holds(signature, signedBy, hashed));
        PgpSignatureSubpacketVector? subpackets = signature.GetHashedSubPackets();
        Created = DateTimeAt(signature.CreationTime);
        if (subpackets is null)
        {
            return;
        }

        Expires = subpackets.GetSignatureExpirationTime() is > 0 and long seconds ? Created.AddSeconds(seconds) : null;
        KeyLifetime = subpackets.GetKeyExpirationTime() is > 0 and long lifetime ? TimeSpan.FromSeconds(lifetime) : null;
        Flags = subpackets.HasSubpacket(SignatureSubpacketTag.KeyFlags) ? subpackets.GetKeyFlags() : null;
        IsPrimaryUserId = subpackets.IsPrimaryUserId();
        CriticalSubpackets = Array.ConvertAll(subpackets.GetCriticalTags(), tag => (int)tag);
        RevocationReasonTag? reason = subpackets.GetRevocationReason()?.GetRevocationReason();

        // A key that was merely replaced stays good for what it signed before; without a reason the worst is assumed (RFC 9580 section 5.2.3.31).
        IsHardRevocation = reason is null or RevocationReasonTag.NoReason or RevocationReasonTag.KeyCompromised;
    }

    /// <summary>Signature type, RFC 9580 section 5.2.1.</summary>
    public int Type => _signature.SignatureType;

    /// <summary>Version of the packet: 4, or the retired 3.</summary>
    public int Version => _signature.Version;

    /// <summary>The hash that it stands on.</summary>
    public HashAlgorithmTag Hash => _signature.HashAlgorithm;

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>When the signature itself expires, or null.</summary>
    public DateTimeOffset? Expires { get; }

    /// <summary>How long the key lives from its creation, or null for ever.</summary>
    public TimeSpan? KeyLifetime { get; }

    /// <summary>What the key may do, or null when it does not say.</summary>
    public int? Flags { get; }

    /// <summary>Whether the name that it binds is the main one.</summary>
    public bool IsPrimaryUserId { get; }

    /// <summary>Types of subpackets that a reader must understand or else reject the signature.</summary>
    public IReadOnlyList<int> CriticalSubpackets { get; } = [];

    /// <summary>For a revocation: whether nothing that the key ever signed may be trusted.</summary>
    public bool IsHardRevocation { get; }

    /// <summary>The subkey's own signature over the primary key (back-signature), or null; without it a stranger could claim the subkey.</summary>
    public CertificateSignature? BackSignature { get; init; }

    /// <summary>Whether it is a revocation of a key, subkey or name.</summary>
    public bool IsRevocation => Type is PgpSignature.KeyRevocation or PgpSignature.SubkeyRevocation or PgpSignature.CertificationRevocation;

    /// <summary>Whether the mathematics hold. Policy and time are judged elsewhere.</summary>
    public bool IsValid => _valid.Value;

    /// <summary>Whether it counts at a moment: made before, not expired, and valid.</summary>
    public bool HoldsAt(DateTimeOffset time) => Created <= time && (Expires is null || Expires > time) && IsValid;

    /// <summary>The signature that a binding carries inside, or null.</summary>
    public static PgpSignature? EmbeddedIn(PgpSignature binding)
    {
        // GnuPG may keep it in the unhashed area: it proves itself, so that is no weakness.
        foreach (PgpSignatureSubpacketVector? area in new[] { binding.GetHashedSubPackets(), binding.GetUnhashedSubPackets() })
        {
            PgpSignatureList? embedded = area?.GetEmbeddedSignatures();
            for (int i = 0; i < (embedded?.Count ?? 0); i++)
            {
                if (embedded![i].SignatureType == PgpSignature.PrimaryKeyBinding)
                {
                    return embedded[i];
                }
            }
        }

        return null;
    }

    /// <summary>OpenPGP times are seconds of UTC; the library hands them out as DateTime.</summary>
    public static DateTimeOffset DateTimeAt(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
