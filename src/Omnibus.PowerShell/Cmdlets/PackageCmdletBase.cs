using System.Management.Automation;
using Omnibus.Core.Packages;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets whose input is package files: paths, or package objects from another cmdlet.</summary>
public abstract class PackageCmdletBase : PathCmdletBase
{
    /// <summary>Name of the parameter set of <see cref="InputObject"/>.</summary>
    protected const string InputObjectSet = "InputObject";

    /// <summary>Packages from another cmdlet.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = InputObjectSet,
        ValueFromPipeline = true)]
    [ValidateNotNull]
    public PackageFile[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName != InputObjectSet)
        {
            await base.ProcessRecordAsync(cancellationToken);
            return;
        }

        foreach (PackageFile package in InputObject)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ProcessPathAsync(package.Path, cancellationToken);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, package);
            }
        }
    }
}
