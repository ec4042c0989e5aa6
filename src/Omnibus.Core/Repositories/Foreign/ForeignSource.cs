using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Foreign;

/// <summary>A published repository of any maker, and what of it is wanted.</summary>
public sealed record ForeignSource
{
    /// <summary>Its address: http, https or file. For apt the folder that holds <c>dists</c>; for yum the folder that holds <c>repodata</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>The suite (apt), as in a line of sources.list(5): one that ends in a slash is a folder with a flat repository. Null for yum.</summary>
    public string? Suite { get; init; }

    /// <summary>Components (apt); empty takes all that the Release file names.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Architectures in the format's own names, <c>source</c> for source packages (apt).</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The keys that may have signed it.</summary>
    public IReadOnlyList<SigningKey> Keys { get; init; } = [];

    /// <summary>Whether it is believed without a signature. Digests are checked all the same, but prove only that nothing was damaged.</summary>
    public bool SkipSignatureCheck { get; init; }
}
