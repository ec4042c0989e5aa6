using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets whose input is repositories.</summary>
public abstract class RepositorySelectionBase : RepositoryCmdletBase
{
    /// <summary>Repositories: objects, paths or addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public RepositoryArgument[] Repository { get; set; } = [];

    /// <summary>Does the work for one repository. An error of the engine is written, and the next one comes to its turn.</summary>
    protected abstract Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (RepositoryArgument argument in Repository)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ProcessRepositoryAsync(await OpenAsync(argument, cancellationToken), cancellationToken);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, argument.Location);
            }
        }
    }
}
