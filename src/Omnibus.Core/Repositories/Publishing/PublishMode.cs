namespace Omnibus.Core.Repositories.Publishing;

/// <summary>What a publication does with packages that are at the destination only.</summary>
public enum PublishMode
{
    /// <summary>Keeps them: the union of both.</summary>
    Merge,

    /// <summary>Takes them out: exactly what the source has. Their files go after the grace period.</summary>
    Mirror,
}
