using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes a repository like another one, with its packages or empty.</summary>
[Cmdlet(VerbsCommon.Copy, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(Repository))]
public sealed class CopyRepositoryCommand : RepositoryCmdletBase
{
    /// <summary>The repository to copy: an object, a path or an address.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public RepositoryArgument? Repository { get; set; }

    /// <summary>Where the copy goes.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Copies the packages too; otherwise the configuration alone.</summary>
    [Parameter]
    public SwitchParameter IncludePackage { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        Repository source = await OpenAsync(Repository!, cancellationToken);
        string location = ResolveLocation(Destination);
        if (!ShouldProcess(location, $"Create a copy of {source.Location}"))
        {
            return;
        }

        Repository copy = await Core.Repositories.Repository.CreateAsync(ObjectStores.Open(location, MakeConnection(), createFolder: true), source.Configuration, MakeContext(), Progress, cancellationToken);
        if (IncludePackage)
        {
            await new PackageTransfer(source, copy).RunAsync(_ => true, null, Progress, cancellationToken);
        }

        WriteObject(copy);
    }
}
