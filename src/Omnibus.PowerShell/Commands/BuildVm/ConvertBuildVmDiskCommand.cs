using System.Management.Automation;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Writes the disk of a build machine in another format.</summary>
[Cmdlet(VerbsData.Convert, "BuildVmDisk", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ConvertBuildVmDiskCommand : BuildVmByNameCmdletBase
{
    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("DestinationPath")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Format of the file; by its extension when left out.</summary>
    [Parameter]
    [ValidateSet("qcow2", "raw", "vdi", "vmdk", "vhdx")]
    public string? Format { get; set; }

    /// <summary>Replaces an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        string path = ResolveDestination(Destination);
        string format = Format ?? System.IO.Path.GetExtension(path).TrimStart('.') switch
        {
            "img" => "raw",
            "" => "qcow2",
            string extension => extension,
        };
        if (ShouldProcess(path, $"write the disk of {name} as {format}"))
        {
            await new VmDisks(Machines).ConvertAsync(name, path, format, Force, Progress, cancellationToken);
            WriteFile(path);
        }
    }
}
