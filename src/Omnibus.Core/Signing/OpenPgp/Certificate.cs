using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>What a key is at one moment.</summary>
/// <param name="Binding">The newest signature of its owner that holds, or null when none does.</param>
/// <param name="Expires">When it expires, or null.</param>
/// <param name="Revoked">Whether its owner took it back.</param>
internal readonly record struct KeyState(CertificateSignature? Binding, DateTimeOffset? Expires, bool Revoked)
{
    /// <summary>Whether it has expired at that moment.</summary>
    public bool ExpiredAt(DateTimeOffset time) => Expires <= time;
}

/// <summary>An OpenPGP certificate, with or without its secrets: primary key, subkeys, names, and the signatures between them.</summary>
internal sealed class Certificate
{
    /// <summary>The primary key.</summary>
    public required CertificateKey Primary { get; init; }

    /// <summary>The subkeys in their order.</summary>
    public List<CertificateKey> Subkeys { get; } = [];

    /// <summary>The names in their order.</summary>
    public List<CertificateUserId> UserIds { get; } = [];

    /// <summary>All public packets, without trust notes.</summary>
    public required ReadOnlyMemory<byte> PublicPackets { get; init; }

    /// <summary>All packets with the secret ones, or null for a public key.</summary>
    public ReadOnlyMemory<byte>? SecretPackets { get; init; }

    /// <summary>Primary key and subkeys.</summary>
    public IEnumerable<CertificateKey> Keys => Subkeys.Prepend(Primary);

    /// <summary>The state of a key at a moment, from the signatures that hold then and that a policy accepts.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="time">The moment.</param>
    /// <param name="accepted">Which signatures count; null for all valid ones.</param>
    public KeyState StateOf(CertificateKey key, DateTimeOffset time, Func<CertificateSignature, bool>? accepted = null)
    {
        bool Holds(CertificateSignature signature) => signature.HoldsAt(time) && (accepted is null || accepted(signature));
        IEnumerable<CertificateSignature> bindings = key.IsPrimary
            ? key.Signatures.Where(s => s.Type == PgpSignature.DirectKey).Concat(LiveUserIds(Holds).SelectMany(u => u.Signatures.Where(s => !s.IsRevocation)))
            : key.Signatures.Where(s => s.Type == PgpSignature.SubkeyBinding);
        CertificateSignature? binding = bindings.Where(Holds).MaxBy(s => s.Created);
        bool revoked = key.Signatures.Any(s => s.IsRevocation && s.IsValid && (s.IsHardRevocation || s.Created <= time))
            || (!key.IsPrimary && Primary.Signatures.Any(s => s.IsRevocation && s.IsValid && (s.IsHardRevocation || s.Created <= time)));
        DateTimeOffset? expires = binding?.KeyLifetime is { } lifetime ? key.Created + lifetime : null;
        return new KeyState(binding, expires, revoked);
    }

    /// <summary>The name to show: the newest that claims to be primary, else the first.</summary>
    public CertificateUserId? MainUserId(DateTimeOffset time)
    {
        CertificateUserId[] live = LiveUserIds(s => s.HoldsAt(time)).ToArray();
        return live.Where(u => u.Signatures.Any(s => s.IsPrimaryUserId && s.HoldsAt(time)))
            .MaxBy(u => u.Signatures.Where(s => s.IsPrimaryUserId).Max(s => s.Created))
            ?? live.FirstOrDefault() ?? UserIds.FirstOrDefault();
    }

    /// <summary>The key that should sign data at a moment: the primary where it may (rpm 4.12 and older know no other), else the newest subkey that may.</summary>
    /// <param name="time">The moment.</param>
    /// <param name="usable">Further demands, for example that the secret is at hand.</param>
    public CertificateKey? SigningKeyAt(DateTimeOffset time, Func<CertificateKey, bool> usable)
    {
        bool Fit(CertificateKey key)
        {
            KeyState state = StateOf(key, time);
            return state.Binding is not null && key.MaySign(state.Binding) && !state.Revoked && !state.ExpiredAt(time) && key.Created <= time && usable(key);
        }

        return Fit(Primary) ? Primary : Subkeys.Where(Fit).MaxBy(k => k.Created);
    }

    private IEnumerable<CertificateUserId> LiveUserIds(Func<CertificateSignature, bool> holds) => UserIds.Where(u =>
        u.Signatures.Where(s => !s.IsRevocation && holds(s)).MaxBy(s => s.Created) is { } newest
        && !u.Signatures.Any(s => s.IsRevocation && s.IsValid && s.Created >= newest.Created));
}
