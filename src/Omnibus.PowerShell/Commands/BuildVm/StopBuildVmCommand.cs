using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Stops build machines.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class StopBuildVmCommand : BuildVmByNameCmdletBase
{
    /// <summary>Seconds that the guest may take to shut down.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int Timeout { get; set; } = 60;

    /// <summary>Pulls the plug when the guest does not shut down in time.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the machine.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (!ShouldProcess(name, Force ? "stop, by force after the time allowed" : "stop"))
        {
            return;
        }

        BuildVm stopped = await new VmStop(Machines).StopAsync(name, TimeSpan.FromSeconds(Timeout), Force, Progress, cancellationToken);
        if (PassThru)
        {
            WriteObject(stopped);
        }
    }
}
