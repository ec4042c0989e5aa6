namespace Omnibus.Core.Recipes.Plans;

/// <summary>Where a recipe's packages are published.</summary>
public sealed record RepositoryPlan
{
    /// <summary><c>Apt</c> or <c>Yum</c>; null: what the target's format uses.</summary>
    public string? Type { get; init; }

    /// <summary>Absolute path of the local repository, or null.</summary>
    public string? Path { get; init; }

    /// <summary>Where it is published: <c>s3://bucket/prefix</c> or a path, or null.</summary>
    public string? Destination { get; init; }

    /// <summary>apt codename; null: the distribution's.</summary>
    public string? Codename { get; init; }

    /// <summary>apt component.</summary>
    public string Component { get; init; } = "main";

    /// <summary>Key that signs: fingerprint, key id or mail address, or null.</summary>
    public string? SigningKey { get; init; }
}
