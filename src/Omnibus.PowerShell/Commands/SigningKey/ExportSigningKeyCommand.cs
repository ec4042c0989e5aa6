using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Writes keys to a keyring file.</summary>
[Cmdlet(VerbsData.Export, "SigningKey", SupportsShouldProcess = true, DefaultParameterSetName = NameSet)]
[OutputType(typeof(FileInfo))]
public sealed class ExportSigningKeyCommand : SigningKeySelectionBase
{
    private readonly List<SigningKey> _keys = [];
    private readonly List<byte[]> _secrets = [];

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>Writes binary packets instead of ASCII armor.</summary>
    [Parameter]
    public SwitchParameter Binary { get; set; }

    /// <summary>Writes the secret keys instead of the public ones.</summary>
    [Parameter]
    public SwitchParameter Secret { get; set; }

    /// <summary>Overwrites a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessKeyAsync(SigningKeyStore store, SigningKey key, CancellationToken cancellationToken)
    {
        if (Secret)
        {
            _secrets.Add(await store.ExportSecretAsync(key, armor: !Binary, cancellationToken));
            if (!key.Protected)
            {
                WriteWarning($"The secret of {key} is not protected by a passphrase: whoever reads {Path} can sign with it.");
            }
        }

        _keys.Add(key);
    }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (_keys.Count == 0)
        {
            return;
        }

        string path = ResolveDestination(Path);
        if (System.IO.Path.Exists(path) && !Force)
        {
            throw new OmnibusException("FileExists", ErrorKind.AlreadyExists, $"{path} exists already.", path, "Choose another file, or overwrite it with -Force.");
        }

        if (ShouldProcess(path, $"Write the {(Secret ? "secret" : "public")} key of {string.Join(", ", _keys)}"))
        {
            byte[] export = Secret ? _secrets.SelectMany(s => s).ToArray() : SigningKeyStore.ExportPublic(_keys, armor: !Binary);
            await SigningKeyStore.WriteExportAsync(path, export, Secret, cancellationToken);
            if (PassThru)
            {
                WriteFile(path);
            }
        }
    }
}
