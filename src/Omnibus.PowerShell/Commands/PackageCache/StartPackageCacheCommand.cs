using System.Management.Automation;
using System.Net;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Starts the package cache.</summary>
[Cmdlet(VerbsLifecycle.Start, "PackageCache", SupportsShouldProcess = true)]
[OutputType(typeof(PackageCache))]
public sealed class StartPackageCacheCommand : OmnibusAsyncCmdlet
{
    /// <summary>The address to listen on.</summary>
    [Parameter]
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (ShouldProcess($"package cache on {Address}", "Start"))
        {
            WriteObject(await new PackageCacheServer().StartAsync(Address, Port, Progress, cancellationToken));
        }
    }
}
