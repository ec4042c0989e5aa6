using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Links stay in the environment or lead to the system's own <c>/usr</c>.</summary>
internal static class LinkCheck
{
    /// <summary>Looks at each link.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan)
    {
        foreach (EnvironmentFile link in scan.Files.Where(f => f.LinkTarget is not null))
        {
            string place = Path.GetDirectoryName(scan.Spec.EnvironmentPath + "/" + link.Path)!;
            string target = Path.GetFullPath(link.LinkTarget!, place);
            string environment = scan.Spec.EnvironmentPath;
            if (target.StartsWith("/usr/", StringComparison.Ordinal))
            {
                continue;
            }

            if (target != environment && !target.StartsWith(environment + "/", StringComparison.Ordinal))
            {
                yield return EnvironmentChecks.Error(scan, "LinkOutside", link.Path, $"leads to {target}, outside the environment and outside /usr");
            }
            else if (!Path.Exists(scan.HostPath + target[environment.Length..]) && scan.Find(target[environment.Length..].TrimStart('/')) is null)
            {
                yield return EnvironmentChecks.Error(scan, "LinkDangling", link.Path, $"leads to {target}, which is not there");
            }
        }
    }
}
