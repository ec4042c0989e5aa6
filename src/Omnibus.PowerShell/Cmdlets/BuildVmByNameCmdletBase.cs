using System.Management.Automation;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets whose -Name is a machine's.</summary>
public abstract class BuildVmByNameCmdletBase : BuildVmCmdletBase
{
    /// <summary>Names of machines, wildcards permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Vm")]
    [ArgumentCompleter(typeof(BuildVmCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected sealed override string[] Targets => Name;
}
