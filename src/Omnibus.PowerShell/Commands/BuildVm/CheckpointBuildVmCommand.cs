using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Saves the state of build machines under a name.</summary>
[Cmdlet(VerbsData.Checkpoint, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class CheckpointBuildVmCommand : BuildVmCmdletBase
{
    /// <summary>Machines: names, wildcards permitted, or objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(BuildVmCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Vm { get; set; } = [];

    /// <summary>Name of the checkpoint.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(CheckpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Replaces a checkpoint of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override string[] Targets => Vm;

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (ShouldProcess(name, $"save checkpoint {Name}"))
        {
            await new VmCheckpoints(Machines).TakeAsync(name, Name, Force, Progress, cancellationToken);
            WriteObject(await new VmInspection(Machines).GetAsync(name, cancellationToken));
        }
    }
}
