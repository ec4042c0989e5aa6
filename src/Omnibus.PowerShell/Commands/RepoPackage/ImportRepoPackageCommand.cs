using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Adds packages to a repository. All packages of one call are one publication.</summary>
[Cmdlet(VerbsData.Import, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(RepositoryCommit))]
public sealed class ImportRepoPackageCommand : RepoPackageImportBase
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";
    private const string UriSet = "Uri";

    private readonly List<PackageAddition> _additions = [];

    /// <summary>Package files or folders of them, wildcards permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Package files or folders of them, taken as they are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Packages from another cmdlet.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PackageFile[] InputObject { get; set; } = [];

    /// <summary>Address of a published repository of any maker.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    /// <summary>Suite of that repository (apt).</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string? Suite { get; set; }

    /// <summary>Components of that repository (apt); all of them when left out.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string[] SourceComponent { get; set; } = [];

    /// <summary>Architectures that are wanted; those of the importing repository when left out.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string[] Architecture { get; set; } = [];

    /// <summary>Names of the packages that are wanted, wildcards permitted.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Versions that are wanted, wildcards permitted.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Version { get; set; } = ["*"];

    /// <summary>Files with the keys that may have signed that repository, armored or binary.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNullOrEmpty]
    public string[] Keyring { get; set; } = [];

    /// <summary>Believes that repository without a signature.</summary>
    [Parameter(ParameterSetName = UriSet)]
    public SwitchParameter SkipSignatureCheck { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        switch (ParameterSetName)
        {
            case InputObjectSet:
                foreach (PackageFile package in InputObject)
                {
                    Add(package.Path, package);
                }

                break;
            case LiteralPathSet:
                AddEach(LiteralPath, p => [ResolveLiteral(p)]);
                break;
            case PathSet:
                AddEach(Path, ResolvePattern);
                break;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        Repository repository = await OpenAsync(Repository!, cancellationToken);
        if (ParameterSetName == UriSet)
        {
            await ImportForeignAsync(repository, cancellationToken);
            return;
        }

        await ImportAsync(repository, [.. _additions.SelectMany(a => Expand(a, repository.Format)).Where(a => ShouldProcess(a.Path, $"Import into {repository.Location}"))], cancellationToken);
    }

    private async Task ImportForeignAsync(Repository repository, CancellationToken cancellationToken)
    {
        var keys = new List<SigningKey>();
        foreach (string path in Keyring.SelectMany(ResolvePattern))
        {
            keys.AddRange(await SigningKey.ReadFileAsync(path, cancellationToken));
        }

        var source = new ForeignSource
        {
            Uri = Uri!,
            Suite = Suite,
            Components = SourceComponent,
            Architectures = Architecture,
            Keys = keys,
            SkipSignatureCheck = SkipSignatureCheck,
        };
        var foreign = new ForeignRepository(source, repository);
        var selection = new RepoPackageSelection(Name, Version, ["*"], ["*"]);
        IReadOnlyList<PublishedPackage> found = await foreign.FindNewAsync(selection.Matches, cancellationToken);
        WriteVerbose($"{foreign.Location}: {found.Count} packages are not published in {repository.Location} yet.");
        PublishedPackage[] agreed = [.. found.Where(p => ShouldProcess(p.ToString(), $"Import from {foreign.Location} into {repository.Location}"))];
        using StagingFolder staging = StagingFolder.Create(null);
        (IReadOnlyList<PackageAddition> additions, IReadOnlyList<(PublishedPackage Package, OmnibusException Error)> failures) =
            await foreign.DownloadAsync(agreed, staging.Path, Component, Progress, cancellationToken);
        foreach ((PublishedPackage package, OmnibusException error) in failures)
        {
            WriteErrors(error, package);
        }

        await ImportAsync(repository, [.. additions.Select(a => a with { PhasedUpdatePercentage = PhasedUpdatePercentage ?? a.PhasedUpdatePercentage })], cancellationToken);
    }

    private void AddEach(IEnumerable<string> given, Func<string, IReadOnlyList<string>> resolve)
    {
        foreach (string path in given)
        {
            try
            {
                foreach (string resolved in resolve(path))
                {
                    Add(resolved, null);
                }
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, path);
            }
        }
    }

    private void Add(string path, PackageFile? package) =>
        _additions.Add(new PackageAddition(path) { Package = package, Component = Component, PhasedUpdatePercentage = PhasedUpdatePercentage });

    private static IEnumerable<PackageAddition> Expand(PackageAddition addition, IRepositoryFormat format) => !Directory.Exists(addition.Path)
        ? [addition]
        : Directory.EnumerateFiles(addition.Path, "*", SearchOption.AllDirectories)
            .Where(f => format.FileExtensions.Any(e => f.EndsWith(e, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .Select(f => addition with { Path = f });
}
