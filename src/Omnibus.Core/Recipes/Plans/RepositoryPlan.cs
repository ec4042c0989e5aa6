namespace Omnibus.Core.Recipes.Plans;

/// <summary>Where a recipe's packages are published.</summary>
/// <param name="Type"><c>Apt</c> or <c>Yum</c>.</param>
/// <param name="Path">Absolute path of the local repository.</param>
public sealed record RepositoryPlan(string Type, string Path)
{
    /// <summary>Key that signs: fingerprint, key id, mail address, <c>Name &lt;mail&gt;</c> or <c>gnupg:FINGERPRINT</c>.</summary>
    public required string SigningKey { get; init; }

    /// <summary>apt codename; null: the distribution's.</summary>
    public string? Codename { get; init; }

    /// <summary>apt suite; null: the codename.</summary>
    public string? Suite { get; init; }

    /// <summary>apt component.</summary>
    public string Component { get; init; } = "main";

    /// <summary>Who is behind it.</summary>
    public required string Origin { get; init; }

    /// <summary>Where machines find it, or null: then no release package is made.</summary>
    public string? Address { get; init; }

    /// <summary>Where machines find its testing channel, or null.</summary>
    public string? TestingAddress { get; init; }

    /// <summary>Version of the release package, without release.</summary>
    public string ReleaseVersion { get; init; } = "1";

    /// <summary>Where it is published: <c>s3://bucket/prefix</c> or an absolute path, or null.</summary>
    public string? Destination { get; init; }

    /// <summary>Template of the folders below the destination, or null for the usual one.</summary>
    public string? Channel { get; init; }
}
