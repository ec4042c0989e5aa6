using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Lists the repository servers of this user.</summary>
[Cmdlet(VerbsCommon.Get, "RepositoryServer")]
[OutputType(typeof(RepositoryServer))]
public sealed class GetRepositoryServerCommand : OmnibusCmdlet
{
    /// <summary>Names, wildcards permitted.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryServerCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<RepositoryServer> servers = new RepositoryServers().List();
        foreach (string name in Name)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            RepositoryServer[] found = [.. servers.Where(server => pattern.IsMatch(server.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteErrors(new OmnibusException("ServerNotFound", ErrorKind.NotFound, $"There is no server '{name}'.", name, "Start-RepositoryServer starts one."));
            }

            WriteObject(found, enumerateCollection: true);
        }
    }
}
