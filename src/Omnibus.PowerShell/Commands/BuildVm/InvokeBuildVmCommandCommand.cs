using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Guests;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Runs a command or a script in build machines.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "BuildVmCommand", SupportsShouldProcess = true, DefaultParameterSetName = CommandSet)]
[OutputType(typeof(GuestCommandResult))]
public sealed class InvokeBuildVmCommandCommand : BuildVmByNameCmdletBase
{
    private const string CommandSet = "Command";
    private const string FileSet = "File";

    /// <summary>Text for bash in the guest: one line or many.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = CommandSet)]
    [ValidateNotNullOrEmpty]
    public string Command { get; set; } = string.Empty;

    /// <summary>A file on the host with the text for bash.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public string FilePath { get; set; } = string.Empty;

    /// <summary>Arguments, which the text finds as $1, $2 and so on, unchanged.</summary>
    [Parameter(Position = 2)]
    [Alias("Args")]
    [AllowEmptyString]
    [ValidateNotNull]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>Who runs it; the machine's own user when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Seconds that it may run; without it there is no limit.</summary>
    [Parameter]
    [ValidateRange(1, 604800)]
    public int? Timeout { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken)
    {
        string script = ParameterSetName == FileSet ? await File.ReadAllTextAsync(ResolveLiteral(FilePath), cancellationToken) : Command;
        if (!ShouldProcess(name, $"run {(ParameterSetName == FileSet ? FilePath : Command)}"))
        {
            return;
        }

        IProgress<OperationProgress> progress = Progress;
        var command = new GuestCommand(script)
        {
            Arguments = ArgumentList,
            User = User,
            Timeout = Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            OnLine = line => progress.Report(new OperationProgress(name, "running") { Item = line }),
        };
        WriteObject(await new GuestAccess(Machines).RunAsync(name, command, progress, cancellationToken));
    }
}
