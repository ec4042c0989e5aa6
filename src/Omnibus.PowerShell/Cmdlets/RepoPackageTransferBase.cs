using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of Copy-RepoPackage and Move-RepoPackage.</summary>
public abstract class RepoPackageTransferBase : RepoPackageSelectionBase
{
    /// <summary>The repository that receives them: an object, a path or an address.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNull]
    public RepositoryArgument? Destination { get; set; }

    /// <summary>The component of the destination; its first when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DestinationComponent { get; set; }

    /// <summary>Writes what was published at the destination.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Whether the packages leave the source.</summary>
    protected abstract bool TakesOut { get; }

    /// <inheritdoc/>
    protected override async Task ProcessPackagesAsync(Repository repository, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken)
    {
        Repository target = await OpenAsync(Destination!, cancellationToken);
        if (target.Location == repository.Location)
        {
            throw new OmnibusException("RepositorySame", ErrorKind.InvalidArgument, $"{target.Location} is both source and destination.", target.Location);
        }

        string action = TakesOut ? "Move" : "Copy";
        var agreed = packages.Where(p => ShouldProcess($"{p} in {repository.Location}", $"{action} to {target.Location}")).Select(p => p.Identity).ToHashSet();
        if (agreed.Count == 0)
        {
            return;
        }

        RepositoryCommit commit = await new PackageTransfer(repository, target) { TakesOut = TakesOut }
            .RunAsync(p => agreed.Contains(p.Identity), DestinationComponent, Progress, cancellationToken);
        if (PassThru)
        {
            WriteObject(commit);
        }
    }
}
