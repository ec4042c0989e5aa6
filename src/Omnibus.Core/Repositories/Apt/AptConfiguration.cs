namespace Omnibus.Core.Repositories.Apt;

/// <summary>What only an apt repository has (fields of its Release file).</summary>
public sealed record AptConfiguration
{
    /// <summary>Codename: the folder under <c>dists/</c>.</summary>
    public required string Codename { get; init; }

    /// <summary>Suite; null repeats the codename.</summary>
    public string? Suite { get; init; }

    /// <summary>Version of the release, or null.</summary>
    public string? Version { get; init; }

    /// <summary>Whether clients fetch indexes by their hash, which makes every update consistent.</summary>
    public bool AcquireByHash { get; init; } = true;

    /// <summary>Whether clients install from here only when told to (priority 1).</summary>
    public bool NotAutomatic { get; init; }

    /// <summary>With <see cref="NotAutomatic"/>: whether what was installed from here is upgraded (priority 100).</summary>
    public bool ButAutomaticUpgrades { get; init; }

    /// <summary>Whether the list of every package's files is published (<c>Contents-ARCH</c>). Each package is then decompressed once, when it comes in.</summary>
    public bool Contents { get; init; }

    /// <summary>Whether long descriptions are published apart (<c>i18n/Translation-en</c>), so that clients that want none need not load them.</summary>
    public bool Translations { get; init; }

    /// <summary>Fingerprints that clients should trust for this repository from now on (<c>Signed-By</c>), or empty.</summary>
    public IReadOnlyList<string> SignedBy { get; init; } = [];
}
