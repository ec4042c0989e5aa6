using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Packages.Linting;

/// <summary>Checks finished packages: by rules of our own, and by lintian or rpmlint where they are installed.</summary>
public static class PackageLinter
{
    private static readonly IPackageRuleSet[] s_rules = [new CommonPackageRules(), new DebPackageRules(), new RpmPackageRules()];

    private static readonly IPackageLintProgram[] s_programs = [new Lintian(), new Rpmlint()];

    /// <summary>Checks a package file.</summary>
    /// <param name="path">The file, of any format that Omnibus knows.</param>
    /// <param name="options">What is accepted, and whether outside programs run.</param>
    /// <param name="progress">Told the command lines.</param>
    /// <param name="cancellationToken">Ends the programs.</param>
    /// <returns>What was found and not accepted, errors first. A program that is not installed is one finding with severity Information.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>, or <c>LintProgramFailed</c>: a program broke down, so that nothing is known.</exception>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(
        string path, PackageLintOptions options, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        PackageFile package = await PackageFormats.ReadAsync(Path.GetFullPath(path), PackageReadParts.Files | PackageReadParts.Scripts, cancellationToken).ConfigureAwait(false);
        var findings = new List<Finding>();
        foreach (IPackageRuleSet rules in s_rules)
        {
            if (rules.Format is null || rules.Format == package.Format)
            {
                findings.AddRange(rules.Check(package));
            }
        }

        if (options.Trusted is { } trusted)
        {
            findings.AddRange(await PackageFormats.Get(package.Format).CheckSignaturesAsync(package.Path, trusted, options.RequireSignature, cancellationToken).ConfigureAwait(false));
        }

        if (options.UsePrograms)
        {
            foreach (IPackageLintProgram program in s_programs)
            {
                if (program.Format == package.Format)
                {
                    findings.AddRange(await RunAsync(program, package, progress, cancellationToken).ConfigureAwait(false));
                }
            }
        }

        return
        [
            .. findings
                .Where(f => !options.Allowances.Any(a => a.Accepts(f, package.Name)))
                .OrderByDescending(f => f.Severity)
                .ThenBy(f => f.Source, StringComparer.Ordinal)
                .ThenBy(f => f.Id, StringComparer.Ordinal)
                .ThenBy(f => f.Path, StringComparer.Ordinal),
        ];
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(
        IPackageLintProgram program, PackageFile package, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (ProgramRunner.Find(program.Program) is null)
        {
            return
            [
                new Finding("LintProgramMissing", FindingSeverity.Information, $"{program.Program} is not installed; only Omnibus' own rules were checked.", package.Name)
                {
                    Advice = $"Install {program.Program} with the distribution's package manager.",
                },
            ];
        }

        ProgramResult result = await ProgramRunner.TryRunAsync(program.Command(package.Path), progress, cancellationToken).ConfigureAwait(false);
        try
        {
            return program.Read(result, package);
        }
        catch (FormatException e)
        {
            throw new OmnibusException(
                "LintProgramFailed",
                ErrorKind.ProgramFailed,
                $"{program.Program} could not check {package.Path}: {e.Message}\n{result.StandardError.TrimEnd()}",
                package.Path,
                inner: e);
        }
    }
}
