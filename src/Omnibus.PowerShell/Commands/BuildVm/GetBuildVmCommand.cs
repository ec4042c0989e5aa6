using System.Management.Automation;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Machines;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Lists build machines.</summary>
[Cmdlet(VerbsCommon.Get, "BuildVm")]
[OutputType(typeof(BuildVm))]
public sealed class GetBuildVmCommand : BuildVmCmdletBase
{
    /// <summary>Names of machines, wildcards permitted.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm")]
    [ArgumentCompleter(typeof(BuildVmCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override string[] Targets => Name;

    /// <inheritdoc/>
    protected override async Task ProcessVmAsync(string name, CancellationToken cancellationToken) =>
        WriteObject(await new VmInspection(Machines).GetAsync(name, cancellationToken));
}
