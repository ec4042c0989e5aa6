using System.Management.Automation;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Yum;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes a repository and publishes it, still empty.</summary>
[Cmdlet(VerbsCommon.New, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(Repository))]
public sealed class NewRepositoryCommand : RepositoryCmdletBase
{
    /// <summary>Where: a folder, made when it is not there.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>Kind: Apt or Yum. Left out, the distribution tells.</summary>
    [Parameter]
    [ValidateSet("Apt", "Yum")]
    public string? Type { get; set; }

    /// <summary>The distribution that it is for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DistributionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Distribution { get; set; }

    /// <summary>Codename of the suite (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Codename { get; set; }

    /// <summary>Name of the suite (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Suite { get; set; }

    /// <summary>Components (apt). The first is the default one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Component { get; set; } = [];

    /// <summary>Architectures in the format's own names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Architecture { get; set; } = [];

    /// <summary>Where packages lie.</summary>
    [Parameter]
    public RepositoryLayout Layout { get; set; }

    /// <summary>Keys that sign. None: the repository is unsigned.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SigningKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public SigningKeyArgument[] SigningKey { get; set; } = [];

    /// <summary>How long clients may use a published state.</summary>
    [Parameter]
    public TimeSpan? ValidFor { get; set; }

    /// <summary>Who is behind it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Origin { get; set; }

    /// <summary>Its label.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Label { get; set; }

    /// <summary>A sentence about it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>Compressions of the indexes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public CompressionKind[] Compression { get; set; } = [];

    /// <summary>Clients install from it only when told to (apt).</summary>
    [Parameter]
    public SwitchParameter NotAutomatic { get; set; }

    /// <summary>With NotAutomatic: what was installed from it is upgraded (apt).</summary>
    [Parameter]
    public SwitchParameter ButAutomaticUpgrades { get; set; }

    /// <summary>Version of the release (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>Fingerprints that clients trust for this repository from now on (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SignedBy { get; set; } = [];

    /// <summary>Clients fetch indexes by their plain names only (apt).</summary>
    [Parameter]
    public SwitchParameter NoByHash { get; set; }

    /// <summary>Publishes the list of every package's files (apt).</summary>
    [Parameter]
    public SwitchParameter Contents { get; set; }

    /// <summary>Publishes long descriptions apart from the list of packages (apt).</summary>
    [Parameter]
    public SwitchParameter Translation { get; set; }

    /// <summary>Tags on what the repository holds (yum).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ContentTag { get; set; } = [];

    /// <summary>Tags on the repository itself (yum).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] RepositoryTag { get; set; } = [];

    /// <summary>Tags on the distributions that it is for (yum): a text, or its CPE name, a comma and a text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DistributionTag { get; set; } = [];

    /// <summary>Other bytes may replace a published version, with -Force.</summary>
    [Parameter]
    public SwitchParameter Mutable { get; set; }

    /// <summary>How many superseded generations of the indexes stay.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int KeepGeneration { get; set; } = 3;

    /// <summary>How long superseded files stay for clients that still read the older state.</summary>
    [Parameter]
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        Distribution? distribution = Distribution is null ? null : DistributionCatalog.Load().Get(Distribution);
        string type = Type ?? TypeOf(distribution);
        string location = ResolveLocation(Path);
        RequireParametersOf(type, location);
        var configuration = new RepositoryConfiguration
        {
            Type = type,
            Distribution = distribution?.Name ?? Distribution,
            Layout = Layout,
            Components = Component,
            Architectures = Architecture,
            SigningKeys = await ResolveKeysAsync(SigningKey, cancellationToken),
            ValidFor = ValidFor,
            Origin = Origin,
            Label = Label,
            Description = Description,
            Compressions = Compression.Length > 0 ? Compression : distribution?.IndexCompressions ?? [],
            Mutable = Mutable,
            KeepGenerations = KeepGeneration,
            GracePeriod = GracePeriod,
            Apt = type == "Apt" ? MakeApt(distribution) : null,
            Yum = type == "Yum" ? new YumConfiguration { ContentTags = ContentTag, RepositoryTags = RepositoryTag, DistributionTags = DistributionTag } : null,
        };

        if (!ShouldProcess(location, $"Create {type} repository"))
        {
            return;
        }

        if (SigningKey.Length == 0)
        {
            WriteWarning($"{location} is not signed: clients will refuse it unless they are told to trust it. Give -SigningKey.");
        }

        WriteObject(await Repository.CreateAsync(ObjectStores.Open(location, MakeConnection(), createFolder: true), configuration, MakeContext(), Progress, cancellationToken));
    }

    private AptConfiguration MakeApt(Distribution? distribution) => new()
    {
        Codename = Codename ?? distribution?.Codename ?? Suite ?? "stable",
        Suite = Suite,
        Version = Version,
        SignedBy = SignedBy,
        AcquireByHash = !NoByHash,
        NotAutomatic = NotAutomatic,
        ButAutomaticUpgrades = ButAutomaticUpgrades,
        Contents = Contents,
        Translations = Translation,
    };

    private static string TypeOf(Distribution? distribution) => distribution is null
        ? throw new OmnibusException("RepositoryTypeMissing", ErrorKind.InvalidArgument, "Neither -Type nor -Distribution tells what kind of repository it should be.", advice: "Give -Type Apt, -Type Yum or -Distribution.")
        : RepositoryFormats.Holding(distribution.Format).Name;
}
