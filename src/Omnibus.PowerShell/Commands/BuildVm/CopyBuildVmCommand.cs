using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Copies a build machine.</summary>
[Cmdlet(VerbsCommon.Copy, "BuildVm", SupportsShouldProcess = true)]
[OutputType(typeof(BuildVm))]
public sealed class CopyBuildVmCommand : BuildVmByNameCmdletBase
{
    /// <summary>Name of the copy.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Makes a disk that needs no base image.</summary>
    [Parameter]
    public SwitchParameter Full { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        if (ShouldProcess(name, $"copy to {Destination}"))
        {
            WriteObject(await new VmCopy(Machines).CopyAsync(name, Destination, Full, Progress, cancellationToken));
        }
    }
}
