using System.Management.Automation;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Stops the package cache; its files stay.</summary>
[Cmdlet(VerbsLifecycle.Stop, "PackageCache", SupportsShouldProcess = true)]
[OutputType(typeof(PackageCache))]
public sealed class StopPackageCacheCommand : OmnibusAsyncCmdlet
{
    /// <summary>Returns the cache as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        var server = new PackageCacheServer();
        if (server.Find() is { State: "Running" } running && ShouldProcess(running.ProxyUri.ToString(), "Stop the package cache"))
        {
            PackageCache? stopped = await server.StopAsync(cancellationToken);
            if (PassThru && stopped is not null)
            {
                WriteObject(stopped);
            }
        }
    }
}
