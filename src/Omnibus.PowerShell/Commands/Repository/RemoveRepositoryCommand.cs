using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Removes repositories with all their packages, indexes and checkpoints.</summary>
[Cmdlet(VerbsCommon.Remove, "Repository", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveRepositoryCommand : RepositorySelectionBase
{
    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        if (ShouldProcess(repository.Location, "Remove the repository with its packages, indexes and checkpoints"))
        {
            int files = await RepositoryRemoval.RunAsync(repository, cancellationToken);
            WriteVerbose($"{repository.Location}: {files} files removed.");
        }
    }
}
