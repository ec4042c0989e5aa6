using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>Where packages are published.</summary>
[SectionTitle("The repository", "repository")]
[OnlyWith("channel", "destination")]
[OnlyWith("testing-address", "address")]
[OnlyWith("release-version", "address")]
public sealed class RepositorySection : SchemaSection
{
    private const string AddressPattern = "^(https?|file):/[^ ]*$";
    private const string AddressExpected = "an address that begins with https:, http: or file:";

    /// <summary>Key <c>path</c>.</summary>
    [RecipeKey("path", "Folder of the repository, made when it is not there; one for each distribution: ../archive/${distribution}. It may be absolute.", Required = true)]
    public string? Folder { get; init; }

    /// <summary>Key <c>type</c>.</summary>
    [RecipeKey("type", "Kind of repository.", Default = "what the target's format uses")]
    public RepositoryType? Type { get; init; }

    /// <summary>Key <c>signing-key</c>.</summary>
    [RecipeKey("signing-key", "Key that signs it: fingerprint, key id, mail address or Name <mail>, of the key store or gnupg:FINGERPRINT. Never the key itself. A key given as Name <mail> is made when there is none.", Default = "the maintainer's")]
    public string? SigningKey { get; init; }

    /// <summary>Key <c>codename</c>.</summary>
    [RecipeKey("codename", "apt codename.", Default = "the distribution's", Pattern = NamePattern, Expected = "a word")]
    public string? Codename { get; init; }

    /// <summary>Key <c>suite</c>.</summary>
    [RecipeKey("suite", "apt suite.", Default = "the codename", Pattern = NamePattern, Expected = "a word")]
    public string? Suite { get; init; }

    /// <summary>Key <c>component</c>.</summary>
    [RecipeKey("component", "apt component.", Default = "main", Pattern = NamePattern, Expected = "a word")]
    public string? Component { get; init; }

    /// <summary>Key <c>origin</c>.</summary>
    [RecipeKey("origin", "Who is behind it; the release package is named after it.", Default = "the vendor, or the recipe's name", Pattern = "^[^ ].*[^ ]$", Expected = "one line without blanks around it")]
    public string? Origin { get; init; }

    /// <summary>Key <c>address</c>.</summary>
    [RecipeKey("address", "Where machines find the repository, for example https://packages.example.com/${distribution}. With it a release package is made, which brings source and keys.", Pattern = AddressPattern, Expected = AddressExpected)]
    public string? Address { get; init; }

    /// <summary>Key <c>testing-address</c>.</summary>
    [RecipeKey("testing-address", "Where machines find the testing channel, which the release package brings switched off.", Pattern = AddressPattern, Expected = AddressExpected)]
    public string? TestingAddress { get; init; }

    /// <summary>Key <c>release-version</c>.</summary>
    [RecipeKey("release-version", "Version of the release package. Raise it when addresses, keys or architectures change.", Default = "1", Pattern = "^[0-9][0-9A-Za-z.]*$", Expected = "a number, maybe with more letters, digits and dots after it", Variables = false)]
    public string? ReleaseVersion { get; init; }

    /// <summary>Key <c>destination</c>.</summary>
    [RecipeKey("destination", "Where it is published afterwards: s3://bucket/prefix, or a folder.")]
    public string? Destination { get; init; }

    /// <summary>Key <c>channel</c>.</summary>
    [RecipeKey("channel", "Folders below the destination, with the fields {distribution}, {suffix}, {version} and {architecture}.", Default = "{distribution}{suffix}/{version}/{architecture}")]
    public string? Channel { get; init; }

    private const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$";
}

/// <summary>Kinds of repository.</summary>
public enum RepositoryType
{
    /// <summary>apt.</summary>
    Apt,

    /// <summary>yum.</summary>
    Yum,
}
