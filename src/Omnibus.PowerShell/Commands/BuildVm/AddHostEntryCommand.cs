using System.Management.Automation;
using Omnibus.Core.Vms.Networks;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Adds a name to the host's hosts file.</summary>
[Cmdlet(VerbsCommon.Add, "HostEntry", SupportsShouldProcess = true)]
[OutputType(typeof(HostEntry))]
public sealed class AddHostEntryCommand : OmnibusAsyncCmdlet
{
    /// <summary>The host name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Its IP address.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = string.Empty;

    /// <summary>The hosts file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/etc/hosts";

    /// <summary>Writes the entry.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        string file = ResolveDestination(Path);
        if (ShouldProcess(file, $"add {Address} {Name}"))
        {
            HostEntry entry = new HostEntries(file).Add(Address, Name);
            if (PassThru)
            {
                WriteObject(entry);
            }
        }

        return Task.CompletedTask;
    }
}
