using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Stops build machines and starts them again.</summary>
[Cmdlet(VerbsLifecycle.Restart, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class RestartBuildVmCommand : BuildVmByNameCmdletBase
{
    /// <summary>What executes the guest afterwards.</summary>
    [Parameter]
    public Accelerator Accelerator { get; set; }

    /// <summary>Waits until the guest answers by SSH.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Seconds that the guest may take to shut down, and again to answer.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int Timeout { get; set; } = 300;

    /// <summary>Pulls the plug when the guest does not shut down in time.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (!ShouldProcess(name, "restart"))
        {
            return;
        }

        var timeout = TimeSpan.FromSeconds(Timeout);
        await new VmStop(Machines).StopAsync(name, timeout, Force, Progress, cancellationToken);
        WriteObject(await new VmStart(Machines).StartAsync(name, new VmStartOptions { Accelerator = Accelerator, Wait = Wait, Timeout = timeout }, Progress, cancellationToken));
    }
}
