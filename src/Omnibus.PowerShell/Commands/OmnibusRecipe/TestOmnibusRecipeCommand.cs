using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
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
        IReadOnlyList<Finding> findings = await Task.Run(() => Check(path, cancellationToken), cancellationToken);
        if (Detailed)
        {
            WriteObject(findings, enumerateCollection: true);
        }
        else
        {
            WriteObject(!findings.Any(f => f.Severity == FindingSeverity.Error));
        }
    }

    // A mistake of one distribution's overrides shows up in that distribution's plan only.
    private static List<Finding> Check(string path, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        Recipe recipe;
        try
        {
            recipe = Recipe.Load(path);
        }
        catch (OmnibusException e) when (e.Findings.Count > 0)
        {
            return [.. e.Findings];
        }

        foreach (Distribution distribution in recipe.Distributions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                recipe.Plan(distribution.Name);
            }
            catch (OmnibusException e) when (e.Findings.Count > 0)
            {
                findings.AddRange(e.Findings.Where(f => !findings.Contains(f)));
            }
        }

        return findings;
    }
}
