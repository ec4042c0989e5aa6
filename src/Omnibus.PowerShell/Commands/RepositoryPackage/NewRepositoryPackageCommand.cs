using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes the package that makes machines clients of a repository: its source and its keys.</summary>
[Cmdlet(VerbsCommon.New, "RepositoryPackage", SupportsShouldProcess = true)]
[OutputType(typeof(PackageFile))]
public sealed class NewRepositoryPackageCommand : RepositorySelectionBase
{
    private string _destination = string.Empty;

    /// <summary>Where machines find the repository.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("BaseUrl")]
    [ValidateNotNullOrEmpty]
    public string Uri { get; set; } = string.Empty;

    /// <summary>Folder for the package.</summary>
    [Parameter(Position = 2)]
    [Alias("DestinationPath")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Name of the package.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Version of the package; without a release it gets one with the distribution's tag.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Version { get; set; } = "1";

    /// <summary>Who maintains the package.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Maintainer { get; set; }

    /// <summary>Licence of the package.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string License { get; set; } = "CC0-1.0";

    /// <summary>Where machines find the testing channel, which is there but switched off.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? TestingUri { get; set; }

    /// <summary>The repository of the testing channel, where it differs from the main one in more than its address.</summary>
    [Parameter]
    [ValidateNotNull]
    public RepositoryArgument? TestingRepository { get; set; }

    /// <summary>Further keys to trust: those that will sign one day.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SigningKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public SigningKeyArgument[] AdditionalKey { get; set; } = [];

    /// <summary>For how long a machine takes its copy of yum metadata for fresh.</summary>
    [Parameter]
    public TimeSpan? MetadataExpire { get; set; }

    /// <summary>Replaces a package that is there with other content.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        _destination = ResolveDestination(Destination);
        return TestingRepository is null || TestingUri is not null || MyInvocation.ExpectingInput
            ? Task.CompletedTask
            : throw new OmnibusException("RepositoryAddressMissing", ErrorKind.InvalidArgument, "-TestingRepository needs -TestingUri: where machines find it.", TestingRepository.Location);
    }

    /// <inheritdoc/>
    protected override async Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        Repository? testing = TestingRepository is null ? null : await OpenAsync(TestingRepository, cancellationToken);
        var keys = new SignerSource(OpenStore());
        IReadOnlyList<SigningKey> further = await keys.FindAsync(AdditionalKey.Select(k => k.Name), cancellationToken);
        async Task<IReadOnlyList<SigningKey>> KeysOf(Repository of) =>
            [.. (await keys.FindAsync(of.Configuration.SigningKeys, cancellationToken)).Concat(further).DistinctBy(k => k.Fingerprint)];
        var request = new ReleasePackageRequest(repository, Uri, repository.Configuration.SigningKeys.Count == 0 ? [] : await KeysOf(repository))
        {
            Name = Name,
            Version = ParseVersion(),
            Maintainer = Maintainer,
            License = License,
            TestingAddress = TestingUri,
            TestingRepository = testing,
            TestingKeys = testing is null ? null : await KeysOf(testing),
            MetadataExpire = MetadataExpire,
            Force = Force,
        };
        if (ShouldProcess(_destination, $"Create the release package of {repository.Location}"))
        {
            WriteObject(await ReleasePackage.WriteAsync(request, _destination, cancellationToken));
        }
    }

    private PackageVersion ParseVersion()
    {
        try
        {
            return PackageVersion.Parse(Version);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new OmnibusException("VersionInvalid", ErrorKind.InvalidArgument, $"'{Version}' is no version of a package.", Version, "Write it as 1-1: version, dash, release.", e);
        }
    }
}
