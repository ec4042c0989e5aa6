using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Adds packages to a repository. All packages of one call are one publication.</summary>
[Cmdlet(VerbsData.Import, "RepoPackage", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(RepositoryCommit))]
public sealed class ImportRepoPackageCommand : RepositoryCmdletBase
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    private readonly List<PackageAddition> _additions = [];
    private PackageSigning? _signing;

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

    /// <summary>The repository: an object, a path or an address.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public RepositoryArgument? Repository { get; set; }

    /// <summary>Component (apt); the repository's first when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Component { get; set; }

    /// <summary>Share of the machines that are offered the upgrade (apt), in percent.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int? PhasedUpdatePercentage { get; set; }

    /// <summary>Signs each package with the repository's keys on its way in (yum). The given files stay as they are.</summary>
    [Parameter]
    public SwitchParameter SignPackage { get; set; }

    /// <summary>Replaces published versions that have other content. Only in a repository that is mutable.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes what was published.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

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
            default:
                AddEach(Path, ResolvePattern);
                break;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        Repository repository = await OpenAsync(Repository!, cancellationToken);
        List<PackageAddition> agreed = [.. _additions.SelectMany(a => Expand(a, repository.Format)).Where(a => ShouldProcess(a.Path, $"Import into {repository.Location}"))];
        if (agreed.Count == 0)
        {
            return;
        }

        _signing = SignPackage ? await PackageSigning.CreateAsync(repository, cancellationToken) : null;
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Force = Force;
        foreach ((PackageAddition addition, OmnibusException error) in await transaction.TryAddAsync(await SignAsync(agreed, cancellationToken), Progress, cancellationToken))
        {
            WriteErrors(error, OriginalOf(addition.Path));
        }

        RepositoryCommit commit = await CommitAsync(transaction, cancellationToken);
        if (PassThru)
        {
            WriteObject(commit);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _signing?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<IReadOnlyList<PackageAddition>> SignAsync(IReadOnlyList<PackageAddition> additions, CancellationToken cancellationToken)
    {
        if (_signing is null)
        {
            return additions;
        }

        (IReadOnlyList<PackageAddition> signed, IReadOnlyList<(PackageAddition Addition, OmnibusException Error)> failures) = await _signing.SignAsync(additions, Progress, cancellationToken);
        foreach ((PackageAddition addition, OmnibusException error) in failures)
        {
            WriteErrors(error, addition.Path);
        }

        return signed;
    }

    private string OriginalOf(string path) => _signing?.OriginalOf(path) ?? path;

    // One error each, and the others are published; with -ErrorAction Stop the first error ends the command before anything is.
    private async Task<RepositoryCommit> CommitAsync(RepositoryTransaction transaction, CancellationToken cancellationToken)
    {
        var told = new HashSet<PreparedPackage>();
        try
        {
            return await transaction.CommitAsync(Progress, cancellationToken);
        }
        catch (OmnibusException e) when (e.Id == "RepositoryPackageConflict" && transaction.Conflicts.Count > 0)
        {
            TellConflicts(transaction.Conflicts, told);
        }

        transaction.SkipConflicts = true;
        RepositoryCommit commit = await transaction.CommitAsync(Progress, cancellationToken);
        TellConflicts(commit.Conflicts, told);
        return commit;
    }

    private void TellConflicts(IEnumerable<OmnibusException> conflicts, HashSet<PreparedPackage> told)
    {
        foreach (OmnibusException conflict in conflicts)
        {
            if (conflict.Item is PreparedPackage package && told.Add(package))
            {
                WriteErrors(new OmnibusException(conflict.Id, conflict.Kind, conflict.Message, OriginalOf(package.SourcePath), conflict.Advice));
            }
        }
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
