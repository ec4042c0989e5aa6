using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Takes out old versions: keeps the newest of each package and architecture, and everything younger than an age.</summary>
[Cmdlet(VerbsCommon.Clear, "Repository", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RepositoryCommit))]
public sealed class ClearRepositoryCommand : RepositorySelectionBase
{
    /// <summary>How many versions of each package and architecture stay.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepNewest { get; set; }

    /// <summary>Packages published within this time stay, whatever their number.</summary>
    [Parameter]
    public TimeSpan? KeepYoungerThan { get; set; }

    /// <summary>Writes what was published.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        RetentionPolicy policy = KeepNewest is { } count ? new RetentionPolicy(count, KeepYoungerThan) : repository.Configuration.Retention ?? throw new OmnibusException(
            "RetentionMissing",
            ErrorKind.InvalidArgument,
            $"{repository.Location} has no retention of its own.",
            repository.Location,
            "Give -KeepNewest, and -KeepYoungerThan if age should count.");
        RepositoryTransaction plan = repository.BeginTransaction();
        plan.Retain(policy);
        var agreed = new HashSet<PackageIdentity>();
        foreach (PackageChange change in (await plan.PlanAsync(null, cancellationToken)).Changes)
        {
            if (change.Kind == PackageChangeKind.Removed && ShouldProcess($"{change.Package} in {repository.Location}", "Remove package"))
            {
                agreed.Add(change.Package);
            }
        }

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
