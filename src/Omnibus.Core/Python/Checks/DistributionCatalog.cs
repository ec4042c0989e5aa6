using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Reads the distributions of an environment from their <c>.dist-info</c> folders.</summary>
internal static class DistributionCatalog
{
    private static readonly string[] s_licenseNames = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "AUTHORS", "UNLICENSE"];

    /// <summary>All distributions, by name.</summary>
    public static IReadOnlyList<PythonDistribution> Read(EnvironmentScan scan, List<Finding> findings)
    {
        var found = new List<PythonDistribution>();
        foreach (EnvironmentFile file in scan.Files)
        {
            if (file.Name != "METADATA" || !Path.GetDirectoryName(file.Path)!.EndsWith(".dist-info", StringComparison.Ordinal))
            {
                continue;
            }

            string info = Path.GetDirectoryName(file.Path)!;
            using var reader = new StreamReader(file.HostPath, Encoding.UTF8);
            var metadata = CoreMetadata.Parse(reader);
            if (metadata["Name"] is not { Length: > 0 } name || metadata["Version"] is not { Length: > 0 } version)
            {
                findings.Add(EnvironmentChecks.Error(scan, "DistributionInvalid", file.Path, "gives no name or no version"));
                continue;
            }

            var distribution = new PythonDistribution(name, version, info);
            found.Add(distribution with
            {
                License = License(metadata),
                LicenseFiles = LicenseFiles(scan, info),
                Homepage = metadata["Home-page"] ?? metadata.All("Project-URL").Select(u => u.Split(',', 2)).Where(u => u.Length == 2).Select(u => u[1].Trim()).FirstOrDefault(),
                Author = Author(metadata),
                Tags = Tags(scan, info),
                TopLevel = TopLevel(scan, distribution),
            });
        }

        found.Sort((a, b) => string.CompareOrdinal(a.NormalisedName, b.NormalisedName));
        return found;
    }

    private static string? License(CoreMetadata metadata)
    {
        if (metadata["License-Expression"] is { Length: > 0 } expression)
        {
            return expression;
        }

        // Some put the whole text into this field.
        if (metadata["License"] is { Length: > 0 and < 100 } license && !license.Contains('\n', StringComparison.Ordinal) && license != "UNKNOWN")
        {
            return license;
        }

        const string Prefix = "License :: ";
        string[] classifiers = [.. metadata.All("Classifier").Where(c => c.StartsWith(Prefix, StringComparison.Ordinal)).Select(c => c[(c.LastIndexOf("::", StringComparison.Ordinal) + 3)..])];
        return classifiers.Length > 0 ? string.Join(" and ", classifiers) : null;
    }

    private static string? Author(CoreMetadata metadata) =>
        ((string?[])[metadata["Author"], metadata["Author-email"], metadata["Maintainer"], metadata["Maintainer-email"]])
        .FirstOrDefault(a => !string.IsNullOrWhiteSpace(a) && a != "UNKNOWN");

    // Beside METADATA, in licenses/ (PEP 639) or license_files/.
    private static IReadOnlyList<string> LicenseFiles(EnvironmentScan scan, string info) =>
        [.. scan.Files
            .Where(f => f.LinkTarget is null && f.Path.StartsWith(info + "/", StringComparison.Ordinal))
            .Where(f => f.Path.StartsWith(info + "/licenses/", StringComparison.Ordinal)
                || s_licenseNames.Any(n => f.Name.StartsWith(n, StringComparison.OrdinalIgnoreCase)))
            .Select(f => f.Path)];

    private static IReadOnlyList<string> Tags(EnvironmentScan scan, string info)
    {
        if (scan.Find(info + "/WHEEL") is not { } wheel)
        {
            return [];
        }

        using var reader = new StreamReader(wheel.HostPath, Encoding.UTF8);
        return [.. CoreMetadata.Parse(reader).All("Tag")];
    }

    private static IReadOnlyList<string> TopLevel(EnvironmentScan scan, PythonDistribution distribution)
    {
        string site = Path.GetDirectoryName(distribution.InfoDirectory)!;
        return [.. RecordCheck.Read(scan, distribution)
            .Where(l => l.Path is not null && l.Path.StartsWith(site + "/", StringComparison.Ordinal))
            .Select(l => site + "/" + l.Path![(site.Length + 1)..].Split('/')[0])
            .Where(p => !p.EndsWith(".dist-info", StringComparison.Ordinal) && !p.EndsWith("__pycache__", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
    }
}
