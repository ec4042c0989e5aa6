using System.Management.Automation;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Copies packages from one repository into another: promotion.</summary>
[Cmdlet(VerbsCommon.Copy, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = SelectionSet)]
[OutputType(typeof(Core.Repositories.RepositoryCommit))]
public sealed class CopyRepoPackageCommand : RepoPackageTransferBase
{
    /// <inheritdoc/>
    protected override bool TakesOut => false;
}
