using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Stops repository servers.</summary>
[Cmdlet(VerbsLifecycle.Stop, "RepositoryServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopRepositoryServerCommand : OmnibusAsyncCmdlet
{
    /// <summary>Names, wildcards permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryServerCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var servers = new RepositoryServers();
        foreach (string name in Name)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            RepositoryServer[] found = [.. servers.List().Where(server => pattern.IsMatch(server.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteErrors(new OmnibusException("ServerNotFound", ErrorKind.NotFound, $"There is no server '{name}'.", name, "Get-RepositoryServer lists them."));
            }

            foreach (RepositoryServer server in found)
            {
                await StopAsync(servers, server, cancellationToken);
            }
        }
    }

    private async Task StopAsync(RepositoryServers servers, RepositoryServer server, CancellationToken cancellationToken)
    {
        if (!ShouldProcess($"{server.Name} ({server.Uri})", "Stop"))
        {
            return;
        }

        try
        {
            await servers.StopAsync(server.Name, cancellationToken);
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            WriteErrors(e, server);
        }
    }
}
