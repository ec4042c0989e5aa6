using System.Management.Automation;
using Omnibus.Core.Vms.Host;
using Omnibus.Core.Vms.State;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Tells whether this host can run build machines.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BuildVmHost")]
[OutputType(typeof(bool), typeof(HostCheckItem))]
public sealed class TestBuildVmHostCommand : OmnibusAsyncCmdlet
{
    /// <summary>Writes one object a check instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HostCheckItem> items = await new VmHostCheck(VmDirectory.ForUser()).RunAsync(Progress, cancellationToken);
        if (Detailed)
        {
            WriteObject(items, enumerateCollection: true);
            return;
        }

        foreach (HostCheckItem item in items.Where(item => item.Result == HostCheckResult.Failed))
        {
            WriteVerbose($"{item.Check}: {item.Detail}");
        }

        WriteObject(items.All(item => item.Result != HostCheckResult.Failed));
    }
}
