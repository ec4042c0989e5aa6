using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Yum;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Publishes repositories anew without other packages: new date, signature and validity, and what was changed of their configuration.</summary>
[Cmdlet(VerbsData.Update, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(RepositoryCommit))]
public sealed class UpdateRepositoryCommand : RepositorySelectionBase
{
    /// <summary>Only those whose validity ends within this time.</summary>
    [Parameter]
    public TimeSpan? ExpiringWithin { get; set; }

    /// <summary>The keys that sign from now on, all of them.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SigningKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public SigningKeyArgument[] SigningKey { get; set; } = [];

    /// <summary>The architectures from now on, all of them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Architecture { get; set; } = [];

    /// <summary>The components from now on, all of them (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Component { get; set; } = [];

    /// <summary>How long a published state may be used from now on.</summary>
    [Parameter]
    public TimeSpan? ValidFor { get; set; }

    /// <summary>Who is behind it, from now on. apt asks its users to agree (apt-get update --allow-releaseinfo-change).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Origin { get; set; }

    /// <summary>Its label from now on. apt asks its users to agree (apt-get update --allow-releaseinfo-change).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Label { get; set; }

    /// <summary>Whether clients install from it only when told to (apt).</summary>
    [Parameter]
    public SwitchParameter NotAutomatic { get; set; }

    /// <summary>Whether, with NotAutomatic, what was installed from it is upgraded (apt).</summary>
    [Parameter]
    public SwitchParameter ButAutomaticUpgrades { get; set; }

    /// <summary>A sentence about it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>How many versions of each package Clear-Repository keeps from now on.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepNewest { get; set; }

    /// <summary>The age up to which Clear-Repository keeps every package from now on.</summary>
    [Parameter]
    public TimeSpan? KeepYoungerThan { get; set; }

    /// <summary>Version of the release from now on (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>Fingerprints that clients trust for this repository from now on (apt).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SignedBy { get; set; } = [];

    /// <summary>Whether the list of every package's files is published (apt).</summary>
    [Parameter]
    public SwitchParameter Contents { get; set; }

    /// <summary>Whether long descriptions are published apart from the list of packages (apt).</summary>
    [Parameter]
    public SwitchParameter Translation { get; set; }

    /// <summary>Tags on what the repository holds, from now on (yum).</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[] ContentTag { get; set; } = [];

    /// <summary>Tags on the repository itself, from now on (yum).</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[] RepositoryTag { get; set; } = [];

    /// <summary>Tags on the distributions that it is for, from now on (yum).</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[] DistributionTag { get; set; } = [];

    /// <summary>Whether other bytes may replace a published version, with -Force.</summary>
    [Parameter]
    public SwitchParameter Mutable { get; set; }

    /// <summary>Builds on what is published even when no key of the repository has signed it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes what was published.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        RequireParametersOf(repository.Configuration.Type, repository.Location);
        if (ExpiringWithin is { } within && !await ExpiresAsync(repository, within, cancellationToken))
        {
            WriteVerbose($"{repository.Location} is valid for longer.");
            return;
        }

        RepositoryConfiguration changed = await ChangeAsync(repository.Configuration, cancellationToken);
        bool newKeys = !changed.SigningKeys.SequenceEqual(repository.Configuration.SigningKeys, StringComparer.OrdinalIgnoreCase);
        if (repository.Configuration.SigningKeys.Count > 0 && newKeys && !changed.SigningKeys.Intersect(repository.Configuration.SigningKeys, StringComparer.OrdinalIgnoreCase).Any())
        {
            WriteWarning($"{repository.Location}: clients that know only the old key will refuse the repository. Sign with both until all have the new one.");
        }

        if (!ShouldProcess(repository.Location, "Publish anew"))
        {
            return;
        }

        if (changed != repository.Configuration)
        {
            repository = await repository.ConfigureAsync(changed, cancellationToken);
        }

        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.AcceptAnySigner = Force || newKeys;
        transaction.Refresh();
        RepositoryCommit commit = await transaction.CommitAsync(Progress, cancellationToken);
        if (PassThru)
        {
            WriteObject(commit);
        }
    }

    private static async Task<bool> ExpiresAsync(Repository repository, TimeSpan within, CancellationToken cancellationToken)
    {
        if (repository.Configuration.ValidFor is not { } validFor)
        {
            return false;
        }

        PublishedPointer? pointer = await repository.ReadPointerAsync(cancellationToken);
        return pointer is null || repository.Format.ReadTime(pointer) + validFor - DateTimeOffset.UtcNow < within;
    }

    private async Task<RepositoryConfiguration> ChangeAsync(RepositoryConfiguration configuration, CancellationToken cancellationToken)
    {
        if (SigningKey.Length > 0)
        {
            IReadOnlyList<string> keys = await ResolveKeysAsync(SigningKey, cancellationToken);
            if (configuration.SigningKeys.Count == 0)
            {
                throw new OmnibusException(
                    "RepositoryUnsigned",
                    ErrorKind.Unsupported,
                    "An unsigned repository cannot become a signed one in place: its clients read another pointer.",
                    advice: "Make a signed one and copy the packages with Copy-RepoPackage.");
            }

            configuration = configuration with { SigningKeys = keys };
        }

        configuration = Architecture.Length > 0 ? configuration with { Architectures = Architecture } : configuration;
        configuration = Component.Length > 0 ? configuration with { Components = Component } : configuration;
        configuration = KeepNewest is { } count ? configuration with { Retention = new RetentionPolicy(count, KeepYoungerThan) } : configuration;
        configuration = configuration with { Origin = Origin ?? configuration.Origin, Label = Label ?? configuration.Label };
        configuration = Description is not null ? configuration with { Description = Description } : configuration;
        configuration = ValidFor is not null ? configuration with { ValidFor = ValidFor } : configuration;
        configuration = IsGiven(nameof(Mutable)) ? configuration with { Mutable = Mutable } : configuration;
        return configuration with
        {
            Apt = configuration.Apt is { } apt ? ChangeApt(apt) : null,
            Yum = configuration.Yum is { } yum ? ChangeYum(yum) : null,
        };
    }

    private YumConfiguration ChangeYum(YumConfiguration yum) => yum with
    {
        ContentTags = IsGiven(nameof(ContentTag)) ? ContentTag : yum.ContentTags,
        RepositoryTags = IsGiven(nameof(RepositoryTag)) ? RepositoryTag : yum.RepositoryTags,
        DistributionTags = IsGiven(nameof(DistributionTag)) ? DistributionTag : yum.DistributionTags,
    };

    private AptConfiguration ChangeApt(AptConfiguration apt) => apt with
    {
        Version = Version ?? apt.Version,
        SignedBy = SignedBy.Length > 0 ? SignedBy : apt.SignedBy,
        NotAutomatic = IsGiven(nameof(NotAutomatic)) ? NotAutomatic : apt.NotAutomatic,
        ButAutomaticUpgrades = IsGiven(nameof(ButAutomaticUpgrades)) ? ButAutomaticUpgrades : apt.ButAutomaticUpgrades,
        Contents = IsGiven(nameof(Contents)) ? Contents : apt.Contents,
        Translations = IsGiven(nameof(Translation)) ? Translation : apt.Translations,
    };

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
