using System.Management.Automation;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Shows the package cache and what it saved.</summary>
[Cmdlet(VerbsCommon.Get, "PackageCache")]
[OutputType(typeof(PackageCache))]
public sealed class GetPackageCacheCommand : OmnibusCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (new PackageCacheServer().Find() is { } cache)
        {
            WriteObject(cache);
        }
        else
        {
            WriteVerbose("The package cache was never started. Start-PackageCache starts it.");
        }
    }
}
