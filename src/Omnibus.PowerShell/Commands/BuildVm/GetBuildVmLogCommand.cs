using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Shows what a build machine wrote to its serial console, or what its QEMU said.</summary>
[Cmdlet(VerbsCommon.Get, "BuildVmLog")]
[OutputType(typeof(string))]
public sealed class GetBuildVmLogCommand : BuildVmByNameCmdletBase
{
    /// <summary>Which log.</summary>
    [Parameter]
    public VmLogSource Source { get; set; }

    /// <summary>Number of lines from the end.</summary>
    [Parameter]
    [ValidateRange(1, 100000)]
    public int Tail { get; set; } = 50;

    /// <inheritdoc/>
    protected override Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        WriteObject(new VmInspection(Machines).ReadLog(name, Source, Tail), enumerateCollection: true);
        return Task.CompletedTask;
    }
}
