using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Versions;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Output;
using Omnibus.PowerShell.Transformation;

namespace Omnibus.PowerShell.Commands;

/// <summary>Turns the version of a project into the version of a package.</summary>
[Cmdlet(VerbsData.ConvertTo, "PackageVersion", DefaultParameterSetName = FormatSet)]
[OutputType(typeof(ConvertedVersion))]
public sealed class ConvertToPackageVersionCommand : OmnibusCmdlet
{
    private const string FormatSet = "Format";
    private const string DistributionSet = "Distribution";

    private List<Distribution> _distributions = [];

    /// <summary>Versions as Python spells them (PEP 440).</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [VersionText]
    [ValidateNotNullOrEmpty]
    public string[] Version { get; set; } = [];

    /// <summary>Package formats to spell them for.</summary>
    [Parameter(ParameterSetName = FormatSet)]
    [ValidateSet("Deb", "Rpm")]
    public string[] Format { get; set; } = ["Deb", "Rpm"];

    /// <summary>Distributions to spell them for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DistributionSet)]
    [ArgumentCompleter(typeof(DistributionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Distribution { get; set; } = [];

    /// <summary>Ends the release with the distribution's tag.</summary>
    [Parameter(ParameterSetName = DistributionSet)]
    public SwitchParameter DistTag { get; set; }

    /// <summary>How versions are mapped.</summary>
    [Parameter]
    public VersionScheme Scheme { get; set; } = VersionScheme.Pep440;

    /// <summary>Release or Debian revision.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Release { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ParameterSetName == DistributionSet)
        {
            try
            {
                DistributionCatalog catalog = DistributionCatalog.Load();
                _distributions = [.. Distribution.Select(catalog.Get)];
            }
            catch (OmnibusException e)
            {
                ThrowError(e);
            }
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string version in Version)
        {
            try
            {
                Convert(version);
            }
            catch (OmnibusException e)
            {
                WriteErrors(e, version);
            }
        }
    }

    private void Convert(string version)
    {
        if (ParameterSetName == FormatSet)
        {
            foreach (string format in Format)
            {
                bool deb = format.Equals("Deb", StringComparison.OrdinalIgnoreCase);
                VersionSpelling spelling = deb ? VersionSpelling.Deb : VersionSpelling.Rpm;
                WriteObject(ConvertedVersion.Of(version, deb ? "Deb" : "Rpm", PackageVersionMapping.Map(version, Scheme, spelling, Release)));
            }

            return;
        }

        foreach (Distribution target in _distributions)
        {
            string? tag = DistTag ? target.DistTag : null;
            WriteObject(ConvertedVersion.Of(version, target.Name, PackageVersionMapping.Map(version, Scheme, target.VersionSpelling, Release, tag)));
        }
    }
}
