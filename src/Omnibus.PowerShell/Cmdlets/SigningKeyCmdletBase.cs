using System.Management.Automation;
using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets that use the store of signing keys.</summary>
public abstract class SigningKeyCmdletBase : OmnibusAsyncCmdlet
{
    /// <summary>The folder of the store; the user's own when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyStore { get; set; }

    /// <summary>The store that was chosen.</summary>
    protected SigningKeyStore OpenStore() => new(KeyStore is null ? null : ResolveDestination(KeyStore));
}
