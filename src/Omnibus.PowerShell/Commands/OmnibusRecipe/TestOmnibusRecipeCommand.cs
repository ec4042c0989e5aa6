using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Checks recipes without building.</summary>
[Cmdlet(VerbsDiagnostic.Test, "OmnibusRecipe", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool))]
[OutputType(typeof(Finding))]
public sealed class TestOmnibusRecipeCommand : PathCmdletBase
{
    /// <summary>Writes what is wrong instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessPathAsync(string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings = await Task.Run(() => RecipeValidation.Check(path, cancellationToken: cancellationToken), cancellationToken);
        if (Detailed)
        {
            WriteObject(findings, enumerateCollection: true);
        }
        else
        {
            WriteObject(!findings.Any(f => f.Severity == FindingSeverity.Error));
        }
    }
}
