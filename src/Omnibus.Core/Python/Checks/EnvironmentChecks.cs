using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Runs every check of a finished environment and says all breaches at once.</summary>
internal static class EnvironmentChecks
{
    private const int ShownFindings = 20;

    /// <summary>Checks an environment.</summary>
    /// <param name="scan">Its files.</param>
    /// <param name="interpreter">What made it.</param>
    /// <param name="known">Findings of the build itself.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="OmnibusException"><c>PythonEnvironmentInvalid</c>.</exception>
    public static PythonEnvironment Run(EnvironmentScan scan, PythonInterpreter interpreter, IEnumerable<Finding> known, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>(known);
        IReadOnlyList<PythonDistribution> distributions = DistributionCatalog.Read(scan, findings);
        findings.AddRange(StagingPathCheck.Run(scan, cancellationToken));
        findings.AddRange(ShebangCheck.Run(scan));
        findings.AddRange(LinkCheck.Run(scan));
        findings.AddRange(RecordCheck.Run(scan, distributions, cancellationToken));
        findings.AddRange(DependencyCheck.Run(scan, distributions));
        findings.AddRange(LicenseCheck.Run(scan, distributions));
        NativeRequirements native = NativeCheck.Run(scan, findings, cancellationToken);
        Finding[] errors = [.. findings.Where(f => f.Severity == FindingSeverity.Error)];
        if (errors.Length > 0)
        {
            string more = errors.Length > ShownFindings ? $"\n  … and {errors.Length - ShownFindings} more" : string.Empty;
            throw new OmnibusException(
                "PythonEnvironmentInvalid",
                ErrorKind.InvalidData,
                $"{scan.Spec.EnvironmentPath}: the environment is not fit to be packaged:\n"
                + string.Join('\n', errors.Take(ShownFindings).Select(f => $"  {(f.Path is null ? string.Empty : f.Path + ": ")}{f.Message}")) + more,
                scan.Spec.EnvironmentPath)
            {
                Findings = findings,
            };
        }

        return new PythonEnvironment
        {
            Spec = scan.Spec,
            Interpreter = interpreter,
            HostPath = scan.HostPath,
            Distributions = distributions,
            Native = native,
            Findings = findings,
        };
    }

    /// <summary>An error about a file of the environment.</summary>
    internal static Finding Error(EnvironmentScan scan, string id, string path, string message) =>
        new(id, FindingSeverity.Error, message, scan.Spec.EnvironmentPath, scan.Spec.EnvironmentPath + "/" + path);
}
