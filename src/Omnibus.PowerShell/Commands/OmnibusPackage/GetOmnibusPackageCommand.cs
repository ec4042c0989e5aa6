using System.Management.Automation;
using Omnibus.Core.Packages;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Reads deb and rpm packages: control data, files, scripts, relations.</summary>
[Cmdlet(VerbsCommon.Get, "OmnibusPackage", DefaultParameterSetName = PathSet)]
[OutputType(typeof(PackageFile))]
public sealed class GetOmnibusPackageCommand : PackageCmdletBase
{
    /// <inheritdoc/>
    protected override async Task ProcessPathAsync(string path, CancellationToken cancellationToken) =>
        WriteObject(await PackageFormats.ReadAsync(path, PackageReadParts.All, cancellationToken));
}
