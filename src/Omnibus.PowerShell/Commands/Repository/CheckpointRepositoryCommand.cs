using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Keeps the published state of repositories under a name.</summary>
[Cmdlet(VerbsData.Checkpoint, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(RepositoryCheckpoint))]
public sealed class CheckpointRepositoryCommand : RepositorySelectionBase
{
    /// <summary>Name of the checkpoint.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        if (ShouldProcess(repository.Location, $"Keep the published state as '{Name}'"))
        {
            WriteObject(await new RepositoryCheckpoints(repository).CreateAsync(Name, cancellationToken));
        }
    }
}
