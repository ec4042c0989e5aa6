using System.Management.Automation;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Removes build machines with their disks and checkpoints.</summary>
[Cmdlet(VerbsCommon.Remove, "BuildVm", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveBuildVmCommand : BuildVmByNameCmdletBase
{
    /// <summary>Removes machines that run, too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (ShouldProcess(name, "remove with disk and checkpoints"))
        {
            await new VmStop(Machines).RemoveAsync(name, Force, Progress, cancellationToken);
        }
    }
}
