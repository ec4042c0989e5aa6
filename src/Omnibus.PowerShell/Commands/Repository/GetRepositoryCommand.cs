using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Opens repositories, or lists their checkpoints.</summary>
[Cmdlet(VerbsCommon.Get, "Repository")]
[OutputType(typeof(Repository), typeof(RepositoryCheckpoint))]
public sealed class GetRepositoryCommand : RepositoryCmdletBase
{
    /// <summary>Folders, wildcards permitted, or addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Location", "FullName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Lists the checkpoints instead.</summary>
    [Parameter]
    public SwitchParameter ListCheckpoint { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (string given in Path)
        {
            try
            {
                await ProcessAsync(given, cancellationToken);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, given);
            }
        }
    }

    private async Task ProcessAsync(string given, CancellationToken cancellationToken)
    {
        bool many = !ObjectStores.IsRemote(given) && WildcardPattern.ContainsWildcardCharacters(given);
        foreach (string location in many ? ResolvePattern(given) : [ResolveLocation(given)])
        {
            // A pattern may well match folders that are something else.
            if (many && !File.Exists(System.IO.Path.Combine(location, RepositoryKeys.Configuration)))
            {
                continue;
            }

            Repository repository = await OpenAsync(new RepositoryArgument(location), cancellationToken);
            if (!ListCheckpoint)
            {
                WriteObject(repository);
                continue;
            }

            await foreach (RepositoryCheckpoint checkpoint in new RepositoryCheckpoints(repository).ListAsync(cancellationToken))
            {
                WriteObject(checkpoint);
            }
        }
    }
}
