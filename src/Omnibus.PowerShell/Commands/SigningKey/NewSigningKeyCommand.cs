using System.Management.Automation;
using System.Security;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes a key for signing repositories and packages.</summary>
[Cmdlet(VerbsCommon.New, "SigningKey", SupportsShouldProcess = true, DefaultParameterSetName = ExpiresInSet)]
[OutputType(typeof(SigningKey))]
public sealed class NewSigningKeyCommand : SigningKeyCmdletBase
{
    private const string ExpiresInSet = "ExpiresIn";
    private const string ExpiresSet = "Expires";
    private const string NoExpirySet = "NoExpiry";

    /// <summary>Name of the key's owner.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Address of the key's owner.</summary>
    [Parameter(Position = 1)]
    public string? Email { get; set; }

    /// <summary>Kind and size.</summary>
    [Parameter]
    public SigningKeyAlgorithm Algorithm { get; set; } = SigningKeyAlgorithm.Rsa4096;

    /// <summary>How long it lives from now.</summary>
    [Parameter(ParameterSetName = ExpiresInSet)]
    public TimeSpan ExpiresIn { get; set; } = TimeSpan.FromDays(730);

    /// <summary>When it expires.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ExpiresSet)]
    public DateTimeOffset Expires { get; set; }

    /// <summary>It never expires.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NoExpirySet)]
    public SwitchParameter NoExpiry { get; set; }

    /// <summary>Protects the secret.</summary>
    [Parameter]
    public SecureString? Passphrase { get; set; }

    /// <summary>Makes a second key of the same name and address.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        SigningKeyStore store = OpenStore();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var request = new SigningKeyRequest(Name, Email)
        {
            Algorithm = Algorithm,
            Created = now,
            Lifetime = ParameterSetName switch
            {
                ExpiresSet => Expires - now,
                NoExpirySet when NoExpiry => null,
                _ => ExpiresIn,
            },
            Passphrase = Passphrase,
            AllowSameName = Force,
        };
        if (ShouldProcess($"{Name}{(string.IsNullOrEmpty(Email) ? string.Empty : $" <{Email}>")}", $"Make a signing key ({Algorithm}) in {store.Path}"))
        {
            WriteObject(await store.NewAsync(request, cancellationToken));
        }
    }
}
