using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Every distribution has what it depends on, as <c>pip check</c> sees it.</summary>
internal static class DependencyCheck
{
    /// <summary>Turns pip's lines into findings; those about the system's own packages are left out.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan, IReadOnlyList<PythonDistribution> distributions)
    {
        var names = distributions.Select(d => d.NormalisedName).ToHashSet(StringComparer.Ordinal);
        return scan.PipCheck
            .Where(line => names.Contains(PythonName.Normalise(line.Split(' ')[0])))
            .Select(line => new Finding("PythonDependencyMissing", FindingSeverity.Error, line, scan.Spec.EnvironmentPath));
    }
}
