using System.Management.Automation;
using System.Security;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets that read or write repositories: opens them by object, path or address, with the signing keys at hand.</summary>
public abstract class RepositoryCmdletBase : SigningKeyCmdletBase
{
    /// <summary>Unlocks signing keys that are protected.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Passphrase { get; set; }

    /// <summary>Profile of the AWS configuration files, for repositories in S3.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProfileName { get; set; }

    /// <summary>Region, for repositories in S3.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Region { get; set; }

    /// <summary>Address of an S3 service other than AWS.</summary>
    [Parameter]
    public Uri? EndpointUrl { get; set; }

    private static readonly (string Type, string[] Parameters)[] s_ownParameters =
    [
        ("Apt", ["Codename", "Suite", "Component", "NotAutomatic", "ButAutomaticUpgrades", "Version", "SignedBy", "NoByHash", "Contents", "Translation"]),
        ("Yum", ["ContentTag", "RepositoryTag", "DistributionTag"]),
    ];

    /// <summary>How S3 is reached; the credentials come from the environment, the profile or a role.</summary>
    protected S3Connection MakeConnection() => new() { ProfileName = ProfileName, Region = Region, EndpointUrl = EndpointUrl };

    /// <summary>What the engine needs from here.</summary>
    protected RepositoryContext MakeContext()
    {
        var source = new SignerSource(OpenStore());
        return new RepositoryContext { OpenSigner = (keys, token) => source.OpenAsync(keys, Passphrase, token) };
    }

    /// <summary>Opens a repository with its configuration of now.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryNotFound</c>, <c>StoreNotFound</c>, <c>RepositoryConfigurationInvalid</c>.</exception>
    protected Task<Repository> OpenAsync(RepositoryArgument argument, CancellationToken cancellationToken) =>
        Repository.OpenAsync(argument.Repository?.Store ?? ObjectStores.Open(ResolveLocation(argument.Location), MakeConnection()), MakeContext(), cancellationToken);

    /// <summary>An absolute path, or an address as it is.</summary>
    protected string ResolveLocation(string location) => ObjectStores.IsRemote(location) ? location : ResolveDestination(location);

    /// <summary>Refuses what was given for a repository of the other type: left aside without a word it would seem to have been done.</summary>
    /// <param name="type">The type of the repository.</param>
    /// <param name="location">Where it is.</param>
    /// <exception cref="OmnibusException"><c>RepositoryParameterForeign</c>.</exception>
    protected void RequireParametersOf(string type, string location)
    {
        foreach ((string owner, string[] parameters) in s_ownParameters)
        {
            if (owner != type && parameters.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } strange)
            {
                throw new OmnibusException(
                    "RepositoryParameterForeign",
                    ErrorKind.InvalidArgument,
                    $"{location}: -{strange} is for repositories of type {owner}; this one is of type {type}.",
                    location,
                    $"Leave -{strange} out.");
            }
        }
    }

    /// <summary>The fingerprints of keys that were named.</summary>
    /// <exception cref="OmnibusException"><c>SigningKeyNotFound</c>, <c>SigningKeyAmbiguous</c>.</exception>
    protected async Task<IReadOnlyList<string>> ResolveKeysAsync(IEnumerable<SigningKeyArgument> keys, CancellationToken cancellationToken)
    {
        var fingerprints = new List<string>();
        foreach (SigningKeyArgument key in keys)
        {
            fingerprints.Add(key.Name.StartsWith(SignerSource.GnuPGPrefix, StringComparison.OrdinalIgnoreCase)
                ? key.Name
                : (await OpenStore().GetAsync(key.Name, cancellationToken)).Fingerprint);
        }

        return fingerprints;
    }
}
