using System.Globalization;
using System.Text.Json.Serialization;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>A client that checks signatures, and what it accepts.</summary>
public sealed class PolicyClient
{
    /// <summary>Its name in parameters and findings: <c>apt-sqv</c>, <c>apt-gpgv</c>, <c>rpm-el7</c> to <c>rpm-6</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Title { get; init; }

    /// <summary>The distributions that come with it: identifier and version range, for example <c>rhel &gt;=9 &lt;10</c>.</summary>
    public required IReadOnlyList<string> Distributions { get; init; }

    /// <summary>Hashes that it refuses.</summary>
    [JsonInclude]
    internal IReadOnlyList<HashRule> Hashes { get; init; } = [];

    /// <summary>Keys that it refuses.</summary>
    [JsonInclude]
    internal IReadOnlyList<KeyRule> Keys { get; init; } = [];

    /// <summary>From when it refuses version 3 signature packets; null for never.</summary>
    [JsonInclude]
    internal DateTimeOffset? Version3Signatures { get; init; }

    /// <summary>Whether it can check signatures made by subkeys.</summary>
    [JsonInclude]
    internal bool Subkeys { get; init; } = true;

    /// <summary>The only subpackets that may be critical, by their numbers; null where all usual ones may.</summary>
    [JsonInclude]
    internal IReadOnlyList<int>? CriticalSubpackets { get; init; }

    /// <summary>Whether a distribution, named as in recipes (<c>debian-12</c>), comes with this client.</summary>
    public bool IsFor(string distribution)
    {
        int cut = distribution.LastIndexOf('-');
        if (cut <= 0 || !TryVersion(distribution[(cut + 1)..], out Version? version))
        {
            return false;
        }

        foreach (string entry in Distributions)
        {
            string[] words = entry.Split(' ');
            if (words[0].Equals(distribution[..cut], StringComparison.OrdinalIgnoreCase) && words.Skip(1).All(range => Within(version!, range)))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>Whether it accepts a self-signature or binding at a date.</summary>
    internal bool Accepts(CertificateSignature signature, DateTimeOffset date) =>
        !(signature.Version < 4 && Version3Signatures <= date) && RefusalOf(SignatureHash.NameOf(signature.Hash), data: false, date) is null;

    /// <summary>The rule by which it refuses a hash at a date, or null.</summary>
    internal HashRule? RefusalOf(string hash, bool data, DateTimeOffset date) =>
        Hashes.FirstOrDefault(r => r.Hash == hash && (!r.Data || data) && r.AppliesAt(date));

    private static bool Within(Version version, string range) => range.StartsWith(">=", StringComparison.Ordinal)
        ? TryVersion(range[2..], out Version? from) && version >= from
        : TryVersion(range[1..], out Version? to) && version < to;

    private static bool TryVersion(string text, out Version? version) =>
        Version.TryParse(int.TryParse(text, CultureInfo.InvariantCulture, out int major) ? $"{major}.0" : text, out version);
}

/// <summary>A hash that a client refuses.</summary>
/// <param name="Hash">Its name: <c>SHA1</c>.</param>
internal sealed record HashRule(string Hash)
{
    /// <summary>Whether it is refused over data only; otherwise in every signature.</summary>
    public bool Data { get; init; }

    /// <summary>From when; null for always.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Whether it applies at a date.</summary>
    public bool AppliesAt(DateTimeOffset date) => From is null || From <= date;
}

/// <summary>A kind of key that a client refuses.</summary>
internal sealed record KeyRule
{
    /// <summary>RSA, DSA, ECDSA or EdDSA; null for any.</summary>
    public string? Algorithm { get; init; }

    /// <summary>How the name of its curve begins; null for any.</summary>
    public string? Curve { get; init; }

    /// <summary>Only keys with fewer bits; null for any size.</summary>
    public int? Below { get; init; }

    /// <summary>From when; null for always.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Whether the client merely warns, or some of its releases do.</summary>
    public bool Warn { get; init; }

    /// <summary>More about it, for the finding.</summary>
    public string? Note { get; init; }

    /// <summary>Whether a key is meant.</summary>
    public bool Matches(CertificateKey key) =>
        (Algorithm is null || Algorithm == key.Algorithm)
        && (Curve is null || key.Curve?.StartsWith(Curve, StringComparison.OrdinalIgnoreCase) == true)
        && (Below is null || key.Size < Below);
}
