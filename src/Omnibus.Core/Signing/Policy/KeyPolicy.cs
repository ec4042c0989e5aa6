using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Signing;

/// <summary>Whether the clients of an archive will accept a key: today, and at any other date.</summary>
public static class KeyPolicy
{
    /// <summary>The clients that are known.</summary>
    public static IReadOnlyList<PolicyClient> Clients => KeyPolicyTable.Embedded.Clients;

    /// <summary>A client by its id.</summary>
    /// <exception cref="OmnibusException"><c>PolicyClientUnknown</c>.</exception>
    public static PolicyClient Client(string id) => Clients.FirstOrDefault(c => c.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? throw new OmnibusException(
        "PolicyClientUnknown",
        ErrorKind.InvalidArgument,
        $"There is no client '{id}'.",
        id,
        $"The clients are: {string.Join(", ", Clients.Select(c => c.Id))}.");

    /// <summary>The clients that distributions come with.</summary>
    /// <param name="distributions">Named as in recipes: <c>debian-12</c>, <c>rocky-9</c>. One that is not in the table adds nothing.</param>
    /// <returns>The clients, each once, in the table's order.</returns>
    public static IReadOnlyList<PolicyClient> ClientsFor(IEnumerable<string> distributions)
    {
        string[] names = distributions.ToArray();
        return Clients.Where(c => names.Any(c.IsFor)).ToArray();
    }

    /// <summary>The clients of one kind of archive.</summary>
    /// <param name="family"><c>apt</c> or <c>rpm</c>.</param>
    public static IReadOnlyList<PolicyClient> ClientsOf(string family) =>
        Clients.Where(c => c.Id.StartsWith(family + "-", StringComparison.OrdinalIgnoreCase)).ToArray();

    /// <summary>Judges a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="clients">For whom; null for all.</param>
    /// <param name="date">At which date; null for now.</param>
    /// <param name="signingFingerprint">The subkey that signs; null for the one that would be chosen.</param>
    /// <returns>Findings, errors first within each client. No finding of severity Error: every client accepts it.</returns>
    public static IReadOnlyList<SigningKeyFinding> Examine(SigningKey key, IEnumerable<PolicyClient>? clients = null, DateTimeOffset? date = null, string? signingFingerprint = null) =>
        (clients ?? Clients).SelectMany(client => new KeyExamination(key.Certificate, signingFingerprint, client).Examine(date ?? DateTimeOffset.UtcNow)).ToArray();

    /// <summary>Judges a signature that was made, by its hash. Whether it holds is <see cref="SignatureVerifier"/>'s matter, and its key is judged by <see cref="Examine"/>.</summary>
    public static IReadOnlyList<SigningKeyFinding> ExamineSignature(SignatureVerification signature, IEnumerable<PolicyClient>? clients = null, DateTimeOffset? date = null)
    {
        var findings = new List<SigningKeyFinding>();
        foreach (PolicyClient client in clients ?? Clients)
        {
            if (client.RefusalOf(signature.HashAlgorithm, data: true, date ?? DateTimeOffset.UtcNow) is { } rule)
            {
                findings.Add(new SigningKeyFinding(client.Id, "SignatureHashRefused", FindingSeverity.Error, $"{client.Title} refuses {rule.Hash} in a signature over data.", signature.SigningFingerprint ?? signature.KeyId)
                {
                    RefusedFrom = rule.From,
                    Advice = "Sign again with SHA-512.",
                });
            }
        }

        return findings;
    }

    /// <summary>Demands, before something is published, that each client accepts at least one of a signer's keys.</summary>
    /// <param name="signer">The signer; with several keys, one that a client accepts is enough for it.</param>
    /// <param name="clients">For whom.</param>
    /// <param name="date">At which date; null for now.</param>
    /// <param name="progress">Told the warnings: what will be refused or expires soon.</param>
    /// <returns>What is not an error: warnings and information.</returns>
    /// <exception cref="OmnibusException"><c>SigningKeyRefused</c>, with all findings.</exception>
    public static IReadOnlyList<SigningKeyFinding> Require(ISigner signer, IEnumerable<PolicyClient> clients, DateTimeOffset? date = null, IProgress<OperationProgress>? progress = null)
    {
        var remarks = new List<SigningKeyFinding>();
        var errors = new List<SigningKeyFinding>();
        (ISigner Part, SigningKey Key)[] parts = signer.Signers.Select(s => (s, SigningKey.Read(s.PublicKey, s.Fingerprint)[0])).ToArray();
        foreach (PolicyClient client in clients)
        {
            IReadOnlyList<SigningKeyFinding>[] judged = parts.Select(p => Examine(p.Key, [client], date, p.Part.SigningFingerprint)).ToArray();
            bool accepted = judged.Any(findings => findings.All(f => f.Severity != FindingSeverity.Error));
            foreach (SigningKeyFinding finding in judged.SelectMany(f => f))
            {
                if (finding.Severity != FindingSeverity.Error)
                {
                    remarks.Add(finding);
                }
                else if (accepted)
                {
                    remarks.Add(finding with { Severity = FindingSeverity.Information });
                }
                else
                {
                    errors.Add(finding);
                }
            }
        }

        if (errors.Count > 0)
        {
            throw new OmnibusException(
                "SigningKeyRefused",
                ErrorKind.Security,
                $"Clients would refuse what key {signer.SigningFingerprint} signs. Nothing was signed.\n{string.Join('\n', errors.Select(e => e.Message).Distinct(StringComparer.Ordinal))}",
                signer.Fingerprint,
                errors[0].Advice);
        }

        foreach (string warning in remarks.Where(f => f.Severity == FindingSeverity.Warning).Select(f => f.Message).Distinct(StringComparer.Ordinal))
        {
            progress?.Report(OperationProgress.Warning("signing", warning));
        }

        return remarks;
    }
}
