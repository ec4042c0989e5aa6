using System.Management.Automation;
using Omnibus.Core.Vms.Guests;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Copies files and folders into build machines, or out of one.</summary>
[Cmdlet(VerbsCommon.Copy, "BuildVmItem", SupportsShouldProcess = true, DefaultParameterSetName = ToSet)]
[OutputType(typeof(void))]
public sealed class CopyBuildVmItemCommand : BuildVmByNameCmdletBase
{
    private const string ToSet = "To";
    private const string FromSet = "From";

    /// <summary>Files and folders on the host (or in the guest, with -FromVm), wildcards permitted.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Where to: a path in the guest, or on the host with -FromVm.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [Alias("DestinationPath")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Copies out of the machine instead of into it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromSet)]
    public SwitchParameter FromVm { get; set; }

    /// <summary>Who reads or writes in the guest; the machine's own user when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        var guest = new GuestAccess(Machines);
        if (FromVm)
        {
            string target = ResolveDestination(Destination);
            if (ShouldProcess(target, $"copy {string.Join(", ", Path)} from {name}"))
            {
                await guest.CopyFromAsync(name, Path, target, User, Progress, cancellationToken);
            }

            return;
        }

        string[] sources = [.. Path.SelectMany(ResolvePattern)];
        if (sources.Length > 0 && ShouldProcess(name, $"copy {string.Join(", ", sources)} to {Destination}"))
        {
            await guest.CopyToAsync(name, sources, Destination, User, Progress, cancellationToken);
        }
    }
}
