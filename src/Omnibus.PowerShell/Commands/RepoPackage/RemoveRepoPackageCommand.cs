using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Takes packages out of a repository. Their files stay for the grace period.</summary>
[Cmdlet(VerbsCommon.Remove, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = SelectionSet)]
[OutputType(typeof(RepositoryCommit))]
public sealed class RemoveRepoPackageCommand : RepoPackageSelectionBase
{
    /// <summary>Writes what was published.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessPackagesAsync(Repository repository, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken)
    {
        var agreed = packages.Where(p => ShouldProcess($"{p} in {repository.Location}", "Remove package")).Select(p => p.Identity).ToHashSet();
        if (agreed.Count == 0)
        {
            return;
        }

        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Remove(p => agreed.Contains(p.Identity));
        RepositoryCommit commit = await transaction.CommitAsync(Progress, cancellationToken);
        if (PassThru)
        {
            WriteObject(commit);
        }
    }
}
