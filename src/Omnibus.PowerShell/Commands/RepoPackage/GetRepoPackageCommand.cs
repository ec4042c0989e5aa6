using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Lists the packages that repositories publish.</summary>
[Cmdlet(VerbsCommon.Get, "RepoPackage")]
[OutputType(typeof(PublishedPackage))]
public sealed class GetRepoPackageCommand : RepositorySelectionBase
{
    /// <summary>Names of packages, wildcards permitted.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(RepoPackageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Versions, wildcards permitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Version { get; set; } = ["*"];

    /// <summary>Architectures, wildcards permitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Architecture { get; set; } = ["*"];

    /// <summary>Components, wildcards permitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Component { get; set; } = ["*"];

    /// <summary>The packages of a checkpoint instead of those that are published now.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RepositoryCheckpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Checkpoint { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        var selection = new RepoPackageSelection(Name, Version, Architecture, Component);
        PublishedPointer? pointer = Checkpoint is null ? null : await new RepositoryCheckpoints(repository).ReadAsync(Checkpoint, cancellationToken);
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, cancellationToken))
        {
            if (selection.Matches(package))
            {
                WriteObject(package);
            }
        }

        foreach (OmnibusException missing in selection.FindMissing(repository.Location))
        {
            WriteErrors(missing);
        }
    }
}
