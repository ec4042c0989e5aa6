using Omnibus.Core.Repositories;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>How a repository is named on a command line: by an object, or by its path or address. PowerShell makes it from either.</summary>
public sealed class RepositoryArgument
{
    /// <summary>By path or address.</summary>
    public RepositoryArgument(string location) => Location = location;

    /// <summary>By an object from another cmdlet.</summary>
    public RepositoryArgument(Repository repository)
    {
        Location = repository.Location;
        Repository = repository;
    }

    /// <summary>Path or address.</summary>
    public string Location { get; }

    /// <summary>The object, or null.</summary>
    public Repository? Repository { get; }

    /// <inheritdoc/>
    public override string ToString() => Location;
}
