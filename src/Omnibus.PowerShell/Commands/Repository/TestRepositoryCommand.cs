using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Checks repositories: indexes, packages, signature, dates, dependencies, stray files.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Repository")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestRepositoryCommand : RepositorySelectionBase
{
    /// <summary>Writes what was found instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>Compares the sizes of packages only, not their digests.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        bool good = true;
        var check = new RepositoryCheck(repository) { Digests = !Quick };
        await foreach (Finding finding in check.RunAsync(Progress, cancellationToken))
        {
            good &= finding.Severity != FindingSeverity.Error;
            if (Detailed)
            {
                WriteObject(finding);
            }
        }

        if (!Detailed)
        {
            WriteObject(good);
        }
    }
}
