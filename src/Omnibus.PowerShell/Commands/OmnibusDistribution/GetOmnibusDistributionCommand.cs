using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Lists the distributions that packages can be built for.</summary>
[Cmdlet(VerbsCommon.Get, "OmnibusDistribution")]
[OutputType(typeof(Distribution))]
public sealed class GetOmnibusDistributionCommand : OmnibusCmdlet
{
    private DistributionCatalog _catalog = DistributionCatalog.Shipped;

    /// <summary>Names, wildcards permitted.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DistributionCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _catalog = DistributionCatalog.Load();
        }
        catch (OmnibusException e)
        {
            ThrowError(e);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
                WriteObject(_catalog.All.Where(d => pattern.IsMatch(d.Name)), enumerateCollection: true);
                continue;
            }

            try
            {
                WriteObject(_catalog.Get(name));
            }
            catch (OmnibusException e)
            {
                WriteErrors(e, name);
            }
        }
    }
}
