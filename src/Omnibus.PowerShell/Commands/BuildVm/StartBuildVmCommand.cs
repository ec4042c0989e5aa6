using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Starts build machines.</summary>
[Cmdlet(VerbsLifecycle.Start, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class StartBuildVmCommand : BuildVmByNameCmdletBase
{
    /// <summary>What executes the guest.</summary>
    [Parameter]
    public Accelerator Accelerator { get; set; }

    /// <summary>Waits until the guest answers by SSH.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Seconds that the guest may take to answer.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int Timeout { get; set; } = 300;

    /// <summary>Further ports of the host that lead into the guest, for this run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] PortForward { get; set; } = [];

    /// <summary>Port of the host for SSH.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int SshPort { get; set; }

    /// <summary>Shows the guest's screen in a window.</summary>
    [Parameter]
    public SwitchParameter Graphics { get; set; }

    /// <summary>Further arguments for QEMU.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] QemuArgument { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        var options = new VmStartOptions
        {
            Accelerator = Accelerator,
            Wait = Wait,
            Timeout = TimeSpan.FromSeconds(Timeout),
            Graphics = Graphics,
            QemuArguments = QemuArgument,
            PortForwards = [.. PortForward.Select(Omnibus.Core.Vms.PortForward.Parse)],
            SshPort = SshPort,
        };
        if (ShouldProcess(name, "start"))
        {
            WriteObject(await new VmStart(Machines).StartAsync(name, options, Progress, cancellationToken));
        }
    }
}
