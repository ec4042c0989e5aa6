using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Linting;

/// <summary>What an rpm package should have beyond what rpm itself demands.</summary>
internal sealed class RpmPackageRules : IPackageRuleSet
{
    public string? Format => "Rpm";

    public IEnumerable<Finding> Check(PackageFile package)
    {
        if (string.IsNullOrWhiteSpace(package.License))
        {
            yield return new Finding("LicenseMissing", FindingSeverity.Error, "The package names no licence.", package.Name);
        }

        if (package.Changelog.Count == 0)
        {
            yield return new Finding("ChangelogMissing", FindingSeverity.Warning, "The package has no changelog.", package.Name);
        }

        foreach (PackageFileEntry file in package.Files)
        {
            if (file.Kind == PackageEntryKind.File && file.Digest is null)
            {
                yield return new Finding("DigestMissing", FindingSeverity.Error, $"There is no digest of {file.Path}.", package.Name, file.Path);
            }
        }
    }
}
