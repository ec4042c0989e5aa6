using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets that work on published packages: chosen by wildcards in one repository, or objects from Get-RepoPackage. All that is chosen is one transaction a repository.</summary>
public abstract class RepoPackageSelectionBase : RepositoryCmdletBase
{
    /// <summary>Name of the default parameter set.</summary>
    protected const string SelectionSet = "Selection";

    /// <summary>Name of the parameter set of <see cref="InputObject"/>.</summary>
    protected const string InputObjectSet = "InputObject";

    private readonly Dictionary<string, HashSet<PackageIdentity>> _chosen = new(StringComparer.Ordinal);

    /// <summary>The repository: an object, a path or an address.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SelectionSet)]
    [ValidateNotNull]
    public RepositoryArgument? Repository { get; set; }

    /// <summary>Names of packages, wildcards permitted.</summary>
    [Parameter(Position = 1, ParameterSetName = SelectionSet)]
    [ArgumentCompleter(typeof(RepoPackageCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Versions, wildcards permitted.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Version { get; set; } = ["*"];

    /// <summary>Architectures, wildcards permitted.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Architecture { get; set; } = ["*"];

    /// <summary>Components, wildcards permitted.</summary>
    [Parameter(ParameterSetName = SelectionSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Component { get; set; } = ["*"];

    /// <summary>Packages from Get-RepoPackage.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PublishedPackage[] InputObject { get; set; } = [];

    /// <summary>Does the work for what was chosen in one repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="packages">The packages that were chosen and are published now.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    protected abstract Task ProcessPackagesAsync(Repository repository, IReadOnlyList<PublishedPackage> packages, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (PublishedPackage package in ParameterSetName == InputObjectSet ? InputObject : [])
        {
            if (!_chosen.TryGetValue(package.Repository, out HashSet<PackageIdentity>? identities))
            {
                _chosen[package.Repository] = identities = [];
            }

            identities.Add(package.Identity);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected sealed override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == SelectionSet)
        {
            var selection = new RepoPackageSelection(Name, Version, Architecture, Component);
            await ProcessAsync(Repository!, selection.Matches, selection.FindMissing, cancellationToken);
            return;
        }

        foreach ((string location, HashSet<PackageIdentity> identities) in _chosen)
        {
            try
            {
                await ProcessAsync(new RepositoryArgument(location), p => identities.Contains(p.Identity), _ => [], cancellationToken);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, location);
            }
        }
    }

    private async Task ProcessAsync(RepositoryArgument argument, Func<PublishedPackage, bool> isChosen, Func<string, IEnumerable<OmnibusException>> findMissing, CancellationToken cancellationToken)
    {
        Repository repository = await OpenAsync(argument, cancellationToken);
        List<PublishedPackage> packages = await repository.ReadPackagesAsync(null, cancellationToken).Where(isChosen).ToListAsync(cancellationToken);
        foreach (OmnibusException missing in findMissing(repository.Location))
        {
            WriteErrors(missing);
        }

        if (packages.Count == 0)
        {
            WriteVerbose($"{repository.Location}: no package matches.");
            return;
        }

        await ProcessPackagesAsync(repository, packages, cancellationToken);
    }
}
