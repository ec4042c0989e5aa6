using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>
/// Judges one certificate for one client. The same question, "what is wrong at this date", is asked for the date of the check and for
/// each date at which something changes later; what is wrong only later becomes a warning with that date.
/// </summary>
internal sealed class KeyExamination(Certificate certificate, string? signingFingerprint, PolicyClient client)
{
    // apt itself warns one year before its policy refuses a key; an expiry is its owner's own plan and near enough to act on at three months.
    private static readonly TimeSpan s_policyNotice = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_expiryNotice = TimeSpan.FromDays(90);

    /// <summary>Everything worth saying, the worst first.</summary>
    public List<SigningKeyFinding> Examine(DateTimeOffset date)
    {
        List<SigningKeyFinding> findings = WrongAt(date);
        var known = findings.Select(f => (f.Id, f.Fingerprint)).ToHashSet();
        foreach (DateTimeOffset later in TurningPoints(date))
        {
            foreach (SigningKeyFinding finding in WrongAt(later))
            {
                if (finding.Severity == FindingSeverity.Error && known.Add((finding.Id, finding.Fingerprint)))
                {
                    bool near = later - date <= (finding.Id is "KeyExpired" or "SubkeyExpired" ? s_expiryNotice : s_policyNotice);
                    findings.Add(finding with
                    {
                        Severity = near ? FindingSeverity.Warning : FindingSeverity.Information,
                        RefusedFrom = later,
                        Message = $"From {Day(later)} on: {finding.Message}",
                    });
                }
            }
        }

        findings.Sort((a, b) => b.Severity.CompareTo(a.Severity));
        return findings;
    }

    private static string Day(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private List<SigningKeyFinding> WrongAt(DateTimeOffset date)
    {
        var findings = new List<SigningKeyFinding>();
        CertificateKey primary = certificate.Primary;
        CertificateKey signing = SigningKey(date);
        CheckKind(findings, primary, date);
        CheckBinding(findings, primary, date);
        CheckCritical(findings, primary);
        if (signing != primary)
        {
            CheckKind(findings, signing, date);
            CheckBinding(findings, signing, date);
            if (!client.Subkeys)
            {
                findings.Add(Refused("SubkeySignatureRefused", signing, "it cannot check signatures that a subkey made", null, "Sign with the primary key, or with another key that is allowed to sign itself."));
            }
        }

        return findings;
    }

    private CertificateKey SigningKey(DateTimeOffset date)
    {
        if (signingFingerprint is not null)
        {
            return certificate.Keys.FirstOrDefault(k => k.Fingerprint == signingFingerprint) ?? certificate.Primary;
        }

        // A key that expired is still the one to talk about, so time and expiry do not matter here.
        bool MaySign(CertificateKey key) => certificate.StateOf(key, date) is { Binding: { } binding } && key.MaySign(binding);
        return MaySign(certificate.Primary) ? certificate.Primary : certificate.Subkeys.Where(MaySign).MaxBy(k => k.Created) ?? certificate.Primary;
    }

    private void CheckKind(List<SigningKeyFinding> findings, CertificateKey key, DateTimeOffset date)
    {
        if (key.Size == 0 || !key.CanSignByAlgorithm)
        {
            findings.Add(Refused("KeyAlgorithmUnknown", key, $"it does not know keys of kind {key.Algorithm}", null, "Make a new key with New-SigningKey."));
            return;
        }

        // The strongest rule speaks: a refusal before a warning.
        KeyRule? rule = client.Keys.Where(r => r.Matches(key) && (r.From is null || r.From <= date)).OrderBy(r => r.Warn).FirstOrDefault();
        if (rule is null)
        {
            return;
        }

        string kind = key.Curve ?? $"{key.Algorithm} with {key.Size} bits";
        string note = rule.Note is null ? string.Empty : $" ({rule.Note})";
        string id = rule.Below is null ? "KeyAlgorithmRefused" : "KeyTooSmall";
        SigningKeyFinding finding = Refused(id, key, $"it refuses {kind}{note}", rule.From, "Make a new key with New-SigningKey and sign with both for a while.");
        findings.Add(rule.Warn ? finding with { Severity = FindingSeverity.Warning, Message = $"{client.Title}: {kind} is weak or not known everywhere{note}." } : finding);
    }

    private void CheckBinding(List<SigningKeyFinding> findings, CertificateKey key, DateTimeOffset date)
    {
        string what = key.IsPrimary ? "Key" : "Subkey";
        if (key.Created > date)
        {
            findings.Add(Refused(what + "NotYetValid", key, $"it was made on {Day(key.Created)}, later than the date of the check", null, "Mind the clock."));
            return;
        }

        KeyState any = certificate.StateOf(key, date);
        KeyState accepted = certificate.StateOf(key, date, s => client.Accepts(s, date));
        if (any.Revoked)
        {
            findings.Add(Refused(what + "Revoked", key, "its owner revoked it", null, "Sign with another key."));
            return;
        }

        if (any.Binding is not { } binding)
        {
            findings.Add(Refused(key.IsPrimary ? "SelfSignatureMissing" : "BindingMissing", key, "nothing valid of its owner binds it", null, "Export the whole key again from where its secret is."));
            return;
        }

        if (accepted.Binding is null)
        {
            HashRule? rule = client.RefusalOf(SignatureHash.NameOf(binding.Hash), data: false, date);
            string reason = rule is null ? $"a version {binding.Version} signature" : $"{rule.Hash} in {(key.IsPrimary ? "the key's signature on itself" : "the signature that binds the subkey")}";
            string id = rule is null ? "SignatureVersionRefused" : key.IsPrimary ? "SelfSignatureHashRefused" : "BindingHashRefused";
            findings.Add(Refused(id, key, $"it refuses {reason}", rule?.From ?? client.Version3Signatures, "Renew the signatures with SHA-512: gpg --cert-digest-algo SHA512 --quick-set-expire FINGERPRINT 2y, for the subkeys too, then export and import again."));
        }
        else
        {
            binding = accepted.Binding;
        }

        if (!key.MaySign(binding) && SigningKey(date) == key)
        {
            findings.Add(Refused("KeyCannotSign", key, "it may not sign data", null, "Use a key with the ability to sign."));
        }

        CheckBackSignature(findings, key, binding, date);
        KeyState state = accepted.Binding is null ? any : accepted;
        if (state.ExpiredAt(date))
        {
            findings.Add(Refused(what + "Expired", key, $"it expired on {Day(state.Expires!.Value)}", state.Expires, "Extend it (gpg --quick-set-expire) and publish it again, or sign with a new key."));
        }
    }

    private void CheckBackSignature(List<SigningKeyFinding> findings, CertificateKey key, CertificateSignature binding, DateTimeOffset date)
    {
        if (key.IsPrimary || !key.MaySign(binding))
        {
            return;
        }

        const string Advice = "Add it: gpg --edit-key FINGERPRINT cross-certify save, then export and import again.";
        if (binding.BackSignature is null)
        {
            findings.Add(Refused("BackSignatureMissing", key, "the subkey does not confirm that it belongs to the primary key", null, Advice));
        }
        else if (!binding.BackSignature.IsValid)
        {
            findings.Add(Refused("BackSignatureInvalid", key, "the subkey's confirmation that it belongs to the primary key is wrong", null, Advice));
        }
        else if (!client.Accepts(binding.BackSignature, date))
        {
            HashRule? rule = client.RefusalOf(SignatureHash.NameOf(binding.BackSignature.Hash), data: false, date);
            findings.Add(Refused("BackSignatureHashRefused", key, $"it refuses {rule?.Hash ?? "version 3 signatures"} in the subkey's signature on the primary key", rule?.From ?? client.Version3Signatures, Advice));
        }
    }

    // Such a client gives up on the whole key as soon as it meets one, whichever signature it is in.
    private void CheckCritical(List<SigningKeyFinding> findings, CertificateKey primary)
    {
        int[] unknown = client.CriticalSubpackets is not { } known ? [] : certificate.Keys.SelectMany(k => k.Signatures)
            .Concat(certificate.UserIds.SelectMany(u => u.Signatures))
            .SelectMany(s => s.CriticalSubpackets).Except(known).Order().ToArray();
        if (unknown.Length > 0)
        {
            string what = unknown[0] == 9 ? "the expiry of the key is marked as critical" : $"subpacket {unknown[0]} is marked as critical";
            findings.Add(Refused("CriticalSubpacketRefused", primary, $"{what}, and it does not import such a key", null, "Renew the signatures with gpg (gpg --quick-set-expire), which marks none, or make a new key with New-SigningKey."));
        }
    }

    private SigningKeyFinding Refused(string id, CertificateKey key, string reason, DateTimeOffset? from, string advice) =>
        new(client.Id, id, FindingSeverity.Error, $"{client.Title} refuses {(key.IsPrimary ? "key" : "subkey")} {key.KeyId}: {reason}.", key.Fingerprint) { RefusedFrom = from, Advice = advice };

    private IEnumerable<DateTimeOffset> TurningPoints(DateTimeOffset date)
    {
        IEnumerable<DateTimeOffset?> points = client.Keys.Select(r => r.From)
            .Concat(client.Hashes.Select(r => r.From))
            .Append(client.Version3Signatures)
            .Concat(certificate.Keys.Select(k => certificate.StateOf(k, date > k.Created ? date : k.Created).Expires))
            .Concat(certificate.Keys.SelectMany(k => k.Signatures.Select(s => s.Expires)))
            .Concat(certificate.UserIds.SelectMany(u => u.Signatures.Select(s => s.Expires)));
        return points.OfType<DateTimeOffset>().Where(p => p > date).Distinct().Order();
    }
}
