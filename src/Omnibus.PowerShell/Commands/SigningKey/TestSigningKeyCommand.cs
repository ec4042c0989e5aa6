using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Tells whether apt, dnf and yum will accept keys: today or at another date.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SigningKey", DefaultParameterSetName = NameSet)]
[OutputType(typeof(bool))]
[OutputType(typeof(SigningKeyFinding))]
public sealed class TestSigningKeyCommand : SigningKeySelectionBase
{
    private readonly List<PolicyClient> _clients = [];

    /// <summary>The clients to ask for; all when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PolicyClientCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Client { get; set; }

    /// <summary>Distributions whose clients to ask for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DistributionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Distribution { get; set; }

    /// <summary>The date to judge at; now when left out.</summary>
    [Parameter]
    public DateTimeOffset Date { get; set; } = DateTimeOffset.UtcNow;

    /// <summary>Writes what was found instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        foreach (string client in Client ?? [])
        {
            _clients.Add(KeyPolicy.Client(client));
        }

        foreach (string distribution in Distribution ?? [])
        {
            IReadOnlyList<PolicyClient> found = KeyPolicy.ClientsFor([distribution]);
            if (found.Count == 0)
            {
                throw new OmnibusException("PolicyClientUnknown", ErrorKind.InvalidArgument, $"It is not known what checks signatures on '{distribution}'.", distribution, "Name the client with -Client.");
            }

            _clients.AddRange(found.Except(_clients));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ProcessKeyAsync(SigningKeyStore store, SigningKey key, CancellationToken cancellationToken)
    {
        IReadOnlyList<SigningKeyFinding> findings = KeyPolicy.Examine(key, _clients.Count > 0 ? _clients : null, Date);
        if (Detailed)
        {
            WriteObject(findings, enumerateCollection: true);
        }
        else
        {
            WriteObject(findings.All(f => f.Severity != FindingSeverity.Error));
        }

        return Task.CompletedTask;
    }
}
