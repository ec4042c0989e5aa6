using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Signing;

/// <summary>What a client will make of a key.</summary>
/// <param name="Client">The client: an <see cref="PolicyClient.Id"/>.</param>
/// <param name="Id">Stable id: <c>KeyTooSmall</c>, <c>KeyAlgorithmRefused</c>, <c>KeyExpired</c>, <c>SelfSignatureHashRefused</c> and so on.</param>
/// <param name="Severity">Error: refused at the date of the check. Warning: accepted, but not for long, or not by every release of the client. Information: accepted for years to come, but not for ever.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Fingerprint">The key or subkey at fault.</param>
public sealed record SigningKeyFinding(string Client, string Id, FindingSeverity Severity, string Message, string Fingerprint)
{
    /// <summary>From when the client refuses it (UTC); null for always.</summary>
    public DateTimeOffset? RefusedFrom { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>As the finding that other checks give.</summary>
    public Finding ToFinding() => new(Id, Severity, Message, Fingerprint, Source: Client) { Advice = Advice };
}
