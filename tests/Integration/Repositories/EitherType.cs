using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>What tests need that hold for repositories of both types, <c>Apt</c> and <c>Yum</c>.</summary>
internal static class EitherType
{
    /// <summary>A repository of a type, with the keys that sign it.</summary>
    public static RepositoryConfiguration Configuration(string type, IReadOnlyList<string> signingKeys)
    {
        RepositoryConfiguration configuration = RepositorySandbox.Configuration with { SigningKeys = signingKeys };
        return type == "Apt" ? configuration : configuration with { Type = type, Distribution = "rocky-9", Architectures = ["x86_64"], Apt = null };
    }

    /// <summary>Makes a package for a repository of a type.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> PackageAsync(string type, string folder, string name, int size = 100)
    {
        byte[] content = new byte[size];
        new Random(name[^1]).NextBytes(content);
        var definition = new PackageDefinition
        {
            Name = name,
            Version = PackageVersion.Parse("1.0-1"),
            Architecture = type == "Apt" ? "amd64" : "x86_64",
            Summary = $"the {name} of the tests",
            Maintainer = "Tests <tests@example.com>",
            License = "MIT",
            Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/data") { Content = new MemoryContent(content) }],
        };
        PackageFile package = await PackageFormats.Get(type == "Apt" ? "Deb" : "Rpm").WriteAsync(
            definition, folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)), CancellationToken.None);
        return package.Path;
    }
}
