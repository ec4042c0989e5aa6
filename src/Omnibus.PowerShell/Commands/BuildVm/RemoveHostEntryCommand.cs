using System.Management.Automation;
using Omnibus.Core.Vms.Networks;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Takes names out of the host's hosts file that Add-HostEntry put there.</summary>
[Cmdlet(VerbsCommon.Remove, "HostEntry", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveHostEntryCommand : OmnibusAsyncCmdlet
{
    /// <summary>Host names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The hosts file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/etc/hosts";

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        string file = ResolveDestination(Path);
        foreach (string name in Name)
        {
            if (ShouldProcess(file, $"remove {name}") && !new HostEntries(file).Remove(name))
            {
                WriteVerbose($"{file} has no entry of ours for {name}.");
            }
        }

        return Task.CompletedTask;
    }
}
