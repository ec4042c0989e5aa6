namespace Omnibus.Core.Repositories.Yum;

/// <summary>What only yum repositories have: the tags of repomd.xml.</summary>
public sealed record YumConfiguration
{
    /// <summary>Tags on what the repository holds (<c>content</c>), for example <c>binary-x86_64</c>.</summary>
    public IReadOnlyList<string> ContentTags { get; init; } = [];

    /// <summary>Tags on the repository itself (<c>repo</c>).</summary>
    public IReadOnlyList<string> RepositoryTags { get; init; } = [];

    /// <summary>Distributions it is for (<c>distro</c>): a text, or <c>cpeid,text</c>.</summary>
    public IReadOnlyList<string> DistributionTags { get; init; } = [];
}
