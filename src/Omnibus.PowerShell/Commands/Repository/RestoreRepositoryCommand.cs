using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Publishes the state of a checkpoint again, newly dated and signed.</summary>
[Cmdlet(VerbsData.Restore, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(RepositoryCommit))]
public sealed class RestoreRepositoryCommand : RepositorySelectionBase
{
    /// <summary>Name of the checkpoint.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(RepositoryCheckpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Writes what was published.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        // A wrong name must show with -WhatIf too.
        var checkpoints = new RepositoryCheckpoints(repository);
        await checkpoints.ReadAsync(Name, cancellationToken);
        if (ShouldProcess(repository.Location, $"Return to checkpoint '{Name}'"))
        {
            RepositoryCommit commit = await checkpoints.RestoreAsync(Name, Progress, cancellationToken);
            if (PassThru)
            {
                WriteObject(commit);
            }
        }
    }
}
