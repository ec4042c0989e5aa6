namespace Omnibus.Core.Signing;

/// <summary>What came out of checking a signature.</summary>
public enum SignatureStatus
{
    /// <summary>It is right, and its key is good.</summary>
    Good,

    /// <summary>The data or the signature was changed.</summary>
    Bad,

    /// <summary>None of the keyrings holds its key.</summary>
    KeyMissing,

    /// <summary>It is right, but its key has expired.</summary>
    KeyExpired,

    /// <summary>Its key was revoked by its owner.</summary>
    KeyRevoked,

    /// <summary>Its key may not sign data, or nothing valid binds that key to its owner.</summary>
    KeyCannotSign,

    /// <summary>It is right, but the signature itself has expired.</summary>
    Expired,

    /// <summary>It was made after the moment of the check, or before its own key.</summary>
    TimeWrong,

    /// <summary>Its kind or algorithm is not known here.</summary>
    Unsupported,
}

/// <summary>One checked signature.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="KeyId">Key ID that the signature names, 16 hex digits; zeros when it names none.</param>
public sealed record SignatureVerification(SignatureStatus Status, string KeyId)
{
    /// <summary>Fingerprint of the primary key, or null when the key is missing.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Fingerprint of the key or subkey that signed, or null when the key is missing.</summary>
    public string? SigningFingerprint { get; init; }

    /// <summary>Main user ID of the key, or null.</summary>
    public string? Signer { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When the signature expires (UTC), or null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Its hash: <c>SHA512</c>, <c>SHA256</c> and so on.</summary>
    public string HashAlgorithm { get; init; } = string.Empty;

    /// <summary>Whether the hash is broken (MD5, SHA-1, RIPEMD-160): clients of today refuse it.</summary>
    public bool IsWeak => HashAlgorithm is "MD5" or "SHA1" or "RIPEMD160";

    /// <summary>Whether it holds and stands on a hash that is not broken.</summary>
    public bool IsTrustworthy => Status == SignatureStatus.Good && !IsWeak;

    /// <summary>One sentence for people.</summary>
    public override string ToString() => Status switch
    {
        SignatureStatus.Good => $"good signature by {Signer} ({SigningFingerprint}) with {HashAlgorithm}{(IsWeak ? ", which is broken" : string.Empty)}",
        SignatureStatus.Bad => $"bad signature that names key {SigningFingerprint ?? KeyId}: the data or the signature was changed",
        SignatureStatus.KeyMissing => $"signature by key {KeyId}, which is in no keyring",
        SignatureStatus.KeyExpired => $"signature by {Signer} ({SigningFingerprint}), whose key has expired",
        SignatureStatus.KeyRevoked => $"signature by {Signer} ({SigningFingerprint}), whose key was revoked",
        SignatureStatus.KeyCannotSign => $"signature by key {SigningFingerprint}, which may not sign or is not bound to its owner by a valid signature",
        SignatureStatus.Expired => $"signature by {Signer} ({SigningFingerprint}), which expired on {Expires:u}",
        SignatureStatus.TimeWrong => $"signature by {Signer} ({SigningFingerprint}) dated {Created:u}, which cannot be",
        _ => $"signature by key {KeyId} of a kind that is not supported",
    };
}

/// <summary>A checked cleartext message.</summary>
/// <param name="Text">The text as signed: without escapes and without white space at line ends, each line ended by LF.</param>
/// <param name="Signatures">All its signatures.</param>
public sealed record CleartextVerification(ReadOnlyMemory<byte> Text, IReadOnlyList<SignatureVerification> Signatures);
