using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Clients;

/// <summary>A repository as its clients are told of it: one paragraph of an apt source, one section of a yum configuration.</summary>
/// <param name="Id">Names the files and the yum section: <c>example</c>, <c>example-testing</c>.</param>
/// <param name="Address">Where clients find it: the folder that holds <c>dists/</c> or <c>repodata/</c>.</param>
/// <param name="Configuration">What it is.</param>
/// <param name="Keys">The keys that clients trust for it: those that sign, and those that will. The first gives the key file its plain name.</param>
public sealed record ClientChannel(string Id, string Address, RepositoryConfiguration Configuration, IReadOnlyList<SigningKey> Keys)
{
    /// <summary>Its name for people.</summary>
    public required string Title { get; init; }

    /// <summary>Whether clients use it unless somebody switches it off; otherwise only when somebody switches it on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>yum: for how long a client takes its copy of the metadata for fresh; null: what the client thinks right.</summary>
    public TimeSpan? MetadataExpire { get; init; }
}
