namespace Omnibus.Core.Repositories;

/// <summary>A named state of a repository that can be returned to. Its files are kept as long as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Published">When the state was published.</param>
/// <param name="Created">When the checkpoint was made, or null when the store does not tell.</param>
public sealed record RepositoryCheckpoint(string Name, string Repository, DateTimeOffset Published, DateTimeOffset? Created);
