using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of the cmdlet that imports packages: into which repository, how, and the publication itself, wherever the packages come from.</summary>
public abstract class RepoPackageImportBase : RepositoryCmdletBase
{
    private PackageSigning? _signing;

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

    /// <summary>Publishes packages as one transaction. What cannot be read, or is published with other bytes, is an error of its own.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="agreed">The packages, already agreed upon.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    protected async Task ImportAsync(Repository repository, IReadOnlyList<PackageAddition> agreed, CancellationToken cancellationToken)
    {
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
}
