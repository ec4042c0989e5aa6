using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Every bundled distribution says its licence and brings its text.</summary>
internal static class LicenseCheck
{
    /// <summary>A warning for each distribution without, or an error where the specification demands licences.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan, IReadOnlyList<PythonDistribution> distributions)
    {
        FindingSeverity severity = scan.Spec.RequireLicenses ? FindingSeverity.Error : FindingSeverity.Warning;
        foreach (PythonDistribution distribution in distributions)
        {
            if (distribution.License is null && distribution.LicenseFiles.Count == 0)
            {
                yield return new Finding(
                    "PythonLicenseMissing",
                    severity,
                    $"{distribution.Name} {distribution.Version} names no licence and brings no licence text",
                    scan.Spec.EnvironmentPath,
                    scan.Spec.EnvironmentPath + "/" + distribution.InfoDirectory)
                {
                    Advice = "Find out under which terms it may be passed on.",
                };
            }
        }
    }
}
