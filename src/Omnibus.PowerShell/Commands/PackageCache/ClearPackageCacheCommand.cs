using System.Management.Automation;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;
using Omnibus.PowerShell.Formatting;

namespace Omnibus.PowerShell.Commands;

/// <summary>Removes what the package cache keeps.</summary>
[Cmdlet(VerbsCommon.Clear, "PackageCache", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearPackageCacheCommand : OmnibusCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var server = new PackageCacheServer();
        if (server.Find() is not { } cache || !ShouldProcess($"{cache.CacheFolder} ({ByteSize.Format(cache.Size)})", "Remove the cached packages"))
        {
            return;
        }

        try
        {
            server.Clear();
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            ThrowError(e, cache);
        }
    }
}
