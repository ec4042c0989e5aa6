using System.Globalization;

namespace Omnibus.Core.Packages;

/// <summary>A package's version in three parts, spelled the same for deb and rpm: <c>[epoch:]upstream-release</c>.</summary>
/// <param name="Upstream">The version proper. Never holds a <c>-</c> where the format is rpm.</param>
/// <param name="Release">Debian's revision or rpm's release; null for a native Debian package.</param>
/// <param name="Epoch">The epoch, 0 when there is none.</param>
public sealed record PackageVersion(string Upstream, string? Release = null, int Epoch = 0)
{
    /// <summary>Version and release without the epoch, as in file names.</summary>
    public string WithoutEpoch => Release is null ? Upstream : $"{Upstream}-{Release}";

    /// <inheritdoc/>
    public override string ToString() => Epoch == 0 ? WithoutEpoch : string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{WithoutEpoch}");

    /// <summary>Takes <c>[epoch:]upstream[-release]</c> apart; the release follows the last dash (deb-version(7)).</summary>
    /// <exception cref="FormatException">The epoch is no number or the upstream part is empty.</exception>
    public static PackageVersion Parse(string text)
    {
        int epoch = 0;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            epoch = int.Parse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[(colon + 1)..];
        }

        int dash = text.LastIndexOf('-');
        var version = dash < 0 ? new PackageVersion(text, null, epoch) : new PackageVersion(text[..dash], text[(dash + 1)..], epoch);
        return version.Upstream.Length == 0 ? throw new FormatException($"'{text}' has no upstream version.") : version;
    }
}
