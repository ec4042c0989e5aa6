using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Linting;

/// <summary>What no package of any format should have.</summary>
internal sealed class CommonPackageRules : IPackageRuleSet
{
    private const int OtherWrite = 0b000_000_010;
    private const int Sticky = 0b001_000_000_000;
    private const int SetIdentity = 0b110_000_000_000;

    // Folders that belong to the administrator, to users or to the running system (FHS 3.0).
    private static readonly string[] s_foreignFolders = ["/tmp/", "/var/tmp/", "/home/", "/root/", "/usr/local/", "/proc/", "/sys/", "/dev/", "/run/", "/var/run/"];

    public string? Format => null;

    public IEnumerable<Finding> Check(PackageFile package)
    {
        Finding Report(string id, FindingSeverity severity, string message, string? path = null, string? advice = null) =>
            new(id, severity, message, package.Name, path) { Advice = advice };

        if (string.IsNullOrWhiteSpace(package.Summary))
        {
            yield return Report("SummaryMissing", FindingSeverity.Error, "The package has no summary.");
        }
        else if (package.Summary.EndsWith('.'))
        {
            yield return Report("SummaryEndsWithStop", FindingSeverity.Warning, "The summary ends with a full stop.");
        }

        if (string.IsNullOrWhiteSpace(package.Maintainer))
        {
            yield return Report("MaintainerMissing", FindingSeverity.Warning, "The package names no maintainer.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (PackageFileEntry file in package.Files)
        {
            if (!seen.Add(file.Path))
            {
                yield return Report("PathTwice", FindingSeverity.Error, $"{file.Path} is in the package twice.", file.Path);
            }

            if (file.Path.Contains('\uFFFD', StringComparison.Ordinal))
            {
                yield return Report("PathNotUtf8", FindingSeverity.Warning, $"The name {file.Path} is not UTF-8.", file.Path);
            }

            if (file.Kind is PackageEntryKind.File or PackageEntryKind.Directory && (file.Mode & OtherWrite) != 0 && (file.Mode & Sticky) == 0)
            {
                yield return Report("WorldWritable", FindingSeverity.Error, $"{file.Path} may be written by everyone.", file.Path, "Take the permission away.");
            }

            if (file.Kind == PackageEntryKind.File && (file.Mode & SetIdentity) != 0)
            {
                yield return Report("SetIdentity", FindingSeverity.Warning, $"{file.Path} runs with the identity of its owner or group.", file.Path, "Make sure that this is meant.");
            }

            if (file.Kind == PackageEntryKind.Special)
            {
                yield return Report("SpecialFile", FindingSeverity.Error, $"{file.Path} is a device node or named pipe.", file.Path);
            }

            if (file.Kind != PackageEntryKind.Directory && s_foreignFolders.Any(f => file.Path.StartsWith(f, StringComparison.Ordinal)))
            {
                yield return Report("ForeignFolder", FindingSeverity.Error, $"{file.Path} lies where packages put nothing.", file.Path);
            }

            if (file.Kind == PackageEntryKind.File && file.Path.StartsWith("/etc/", StringComparison.Ordinal) && !file.Flags.HasFlag(PackageEntryFlags.Config))
            {
                yield return Report(
                    "ConfigNotMarked", FindingSeverity.Error, $"{file.Path} is not marked as configuration: an upgrade would overwrite the administrator's changes.", file.Path, "Mark it as config.");
            }

            if (file.Path.StartsWith("/etc/systemd/system/", StringComparison.Ordinal) && file.Kind == PackageEntryKind.File)
            {
                yield return Report(
                    "UnitOutsideLib", FindingSeverity.Error, $"{file.Path} is the administrator's place; units of packages lie in /usr/lib/systemd/system or /lib/systemd/system.", file.Path);
            }

            if (file is { Kind: PackageEntryKind.SymbolicLink, LinkTarget: { } target } && PackageEntryRules.ClimbsAboveRoot(file.Path, target))
            {
                yield return Report("LinkOutsideRoot", FindingSeverity.Error, $"The link {file.Path} climbs above the root: '{target}'.", file.Path);
            }
        }
    }
}
