using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Brings build machines back to a checkpoint.</summary>
[Cmdlet(VerbsData.Restore, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class RestoreBuildVmCommand : BuildVmCmdletBase
{
    /// <summary>Machines: names, wildcards permitted, or objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(BuildVmCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Vm { get; set; } = [];

    /// <summary>Name of the checkpoint; the newest when left out.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(CheckpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Seconds that the guest may take to answer.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int Timeout { get; set; } = 300;

    /// <inheritdoc/>
    protected override string[] Targets => Vm;

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (ShouldProcess(name, $"restore {Name ?? "the newest checkpoint"}; what happened since is lost"))
        {
            WriteObject(await new VmCheckpoints(Machines).RestoreAsync(name, Name, TimeSpan.FromSeconds(Timeout), Progress, cancellationToken));
        }
    }
}
