using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.State;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Logs in to a build machine on this terminal.</summary>
[Cmdlet(VerbsCommon.Enter, "BuildVm")]
[OutputType(typeof(void))]
public sealed class EnterBuildVmCommand : OmnibusAsyncCmdlet
{
    /// <summary>Name of the machine.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm")]
    [ArgumentCompleter(typeof(BuildVmCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Who logs in; the machine's own user when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        ProgramCommand login = new GuestAccess(VmDirectory.ForUser()).LoginCommand(Name, User);
        if (Console.IsInputRedirected)
        {
            throw new OmnibusException("TerminalMissing", ErrorKind.Unsupported, "Enter-BuildVm needs a terminal.", Name, "Use Invoke-BuildVmCommand in scripts.");
        }

        await InteractiveProgram.RunAsync(login, Progress, cancellationToken);
    }
}
