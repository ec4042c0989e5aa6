using System.Management.Automation;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Removes keys and their secrets from the store.</summary>
[Cmdlet(VerbsCommon.Remove, "SigningKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = NameSet)]
[OutputType(typeof(void))]
public sealed class RemoveSigningKeyCommand : SigningKeySelectionBase
{
    /// <inheritdoc/>
    protected override Task ProcessKeyAsync(SigningKeyStore store, SigningKey key, CancellationToken cancellationToken)
    {
        if (ShouldProcess($"{key} {key.Fingerprint}", key.HasSecret ? $"Remove the key and its secret from {store.Path}" : $"Remove the key from {store.Path}"))
        {
            store.Remove(key);
        }

        return Task.CompletedTask;
    }
}
