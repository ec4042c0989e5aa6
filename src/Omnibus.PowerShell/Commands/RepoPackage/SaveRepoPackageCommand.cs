using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Saves the files of published packages into a folder, their digests checked.</summary>
[Cmdlet(VerbsData.Save, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = SelectionSet)]
[OutputType(typeof(FileInfo))]
public sealed class SaveRepoPackageCommand : RepoPackageSelectionBase
{
    /// <summary>The folder, made when it is not there.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Replaces files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessPackagesAsync(Repository repository, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken)
    {
        string folder = ResolveDestination(Destination);
        foreach (PublishedPackage package in packages)
        {
            try
            {
                if (ShouldProcess(package.ToString(), $"Save to {folder}"))
                {
                    WriteFile(await PackageDownload.SaveAsync(repository, package, folder, Force, cancellationToken));
                }
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, package);
            }
        }
    }
}
