using System.Management.Automation;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Takes the keys of keyring files into the store.</summary>
[Cmdlet(VerbsData.Import, "SigningKey", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(SigningKey))]
public sealed class ImportSigningKeyCommand : PathCmdletBase
{
    /// <summary>The folder of the store; the user's own when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyStore { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessPathAsync(string path, CancellationToken cancellationToken)
    {
        var store = new SigningKeyStore(KeyStore is null ? null : ResolveDestination(KeyStore));

        // Read first, so that -WhatIf tells of the keys and a file that is none is refused before anything is written.
        IReadOnlyList<SigningKey> keys = await SigningKey.ReadFileAsync(path, cancellationToken);
        if (ShouldProcess($"{path}: {string.Join(", ", keys)}", $"Import into {store.Path}"))
        {
            WriteObject(await store.ImportAsync(await File.ReadAllBytesAsync(path, cancellationToken), path, cancellationToken), enumerateCollection: true);
        }
    }
}
