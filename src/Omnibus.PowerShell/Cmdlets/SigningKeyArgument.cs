using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>How a signing key is named on a command line: by an object, or by fingerprint, key ID, name, address or <c>gnupg:FINGERPRINT</c>.</summary>
public sealed class SigningKeyArgument
{
    /// <summary>By name.</summary>
    public SigningKeyArgument(string name) => Name = name;

    /// <summary>By an object from another cmdlet.</summary>
    public SigningKeyArgument(SigningKey key) => Name = key.Fingerprint;

    /// <summary>The name, or the object's fingerprint.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
