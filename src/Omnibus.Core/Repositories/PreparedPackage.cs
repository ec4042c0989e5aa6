using Omnibus.Core.Packages;

namespace Omnibus.Core.Repositories;

/// <summary>A package that is to be added.</summary>
/// <param name="Path">The file.</param>
public sealed record PackageAddition(string Path)
{
    /// <summary>What is known of it already, or null: it is read.</summary>
    public PackageFile? Package { get; init; }

    /// <summary>What it must turn out to be, where an index said so (its component does not count); null: whatever it is.</summary>
    public PackageIdentity? Expected { get; init; }

    /// <summary>The SHA-256 that its file must have, where an index said so; null: whatever it has. What has a digest is not searched for damage.</summary>
    public string? ExpectedSha256 { get; init; }

    /// <summary>Component; null takes the repository's first.</summary>
    public string? Component { get; init; }

    /// <summary>Share of the machines that are offered this upgrade, 0 to 100 (apt), or null for all.</summary>
    public int? PhasedUpdatePercentage { get; init; }
}

/// <summary>A further file of a package that has several.</summary>
/// <param name="Name">Its file name; it lies in the same folder of the store as the first file.</param>
/// <param name="SourcePath">The file to be uploaded.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex digest.</param>
public sealed record PreparedFile(string Name, string SourcePath, long Size, string Sha256);

/// <summary>A package that was read once and can be merged into an index as often as it takes. Each format has its own with what its index needs.</summary>
public abstract class PreparedPackage
{
    /// <summary>What it is.</summary>
    public required PackageIdentity Identity { get; init; }

    /// <summary>The file to be uploaded.</summary>
    public required string SourcePath { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Lower-case hex SHA-256 of the file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where the layout puts it.</summary>
    public required string UsualKey { get; init; }

    /// <summary>Where it goes instead when the usual key holds other bytes: a key with its digest. A key's content never changes.</summary>
    public required string DigestKey { get; init; }

    /// <summary>Its further files: the tar files of a source package.</summary>
    public IReadOnlyList<PreparedFile> MoreFiles { get; init; } = [];

    /// <summary>All its files with their keys; the one that stands for the package comes first.</summary>
    public IReadOnlyList<(string Key, PreparedFile File)> Files
    {
        get
        {
            string folder = Key[..(Key.LastIndexOf('/') + 1)];
            return [(Key, new PreparedFile(Key[folder.Length..], SourcePath, Size, Sha256)), .. MoreFiles.Select(f => (folder + f.Name, f))];
        }
    }

    /// <summary>Set by the engine when the usual key was found to hold other bytes.</summary>
    public bool UsualKeyTaken { get; set; }

    /// <summary>Where it goes.</summary>
    public string Key => UsualKeyTaken ? DigestKey : UsualKey;
}
