using System.Security;

namespace Omnibus.Core.Signing;

/// <summary>Kinds of key that can be made.</summary>
public enum SigningKeyAlgorithm
{
    /// <summary>RSA with 4096 bits: every apt, yum and dnf in use can check it.</summary>
    Rsa4096,

    /// <summary>RSA with 3072 bits: faster, and as widely understood.</summary>
    Rsa3072,

    /// <summary>Ed25519: small and fast, for apt and for rpm of EL 9 and later. EL 7 cannot check it.</summary>
    Ed25519,
}

/// <summary>What a new key should be.</summary>
/// <param name="Name">Name of its owner, for example <c>Example Packaging</c>.</param>
/// <param name="Email">Address of its owner, or null.</param>
public sealed record SigningKeyRequest(string Name, string? Email)
{
    /// <summary>Kind and size.</summary>
    public SigningKeyAlgorithm Algorithm { get; init; } = SigningKeyAlgorithm.Rsa4096;

    /// <summary>When it is made; null for now. OpenPGP counts whole seconds.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>How long it lives; null for ever. Two years unless said otherwise.</summary>
    public TimeSpan? Lifetime { get; init; } = TimeSpan.FromDays(730);

    /// <summary>Whether there may be another key of the same name and address: for a change of keys, where both are used for a while.</summary>
    public bool AllowSameName { get; init; }

    /// <summary>Protects the secret; null leaves it to the file's permissions.</summary>
    public SecureString? Passphrase { get; init; }
}
