using System.Management.Automation;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Moves packages from one repository into another: they are published there first, then taken out here.</summary>
[Cmdlet(VerbsCommon.Move, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = SelectionSet)]
[OutputType(typeof(Core.Repositories.RepositoryCommit))]
public sealed class MoveRepoPackageCommand : RepoPackageTransferBase
{
    /// <inheritdoc/>
    protected override bool TakesOut => true;
}
