using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Building;

/// <summary>Holds a package that was just written against what it was made from: every path, every file's size and digest.</summary>
internal static class PackageContentCheck
{
    /// <summary>Reads the package back and compares.</summary>
    /// <exception cref="OmnibusException"><c>PackageContentDiffers</c>; its findings list every difference.</exception>
    public static async Task RequireAsync(PackageDefinition definition, PackageFile written, CancellationToken cancellationToken)
    {
        PackageFile package = await PackageFormats.ReadAsync(written.Path, PackageReadParts.Files, cancellationToken).ConfigureAwait(false);
        var there = new Dictionary<string, PackageFileEntry>(StringComparer.Ordinal);
        foreach (PackageFileEntry entry in package.Files)
        {
            there[entry.Path] = entry;
        }

        var findings = new List<Finding>();
        foreach (PackageEntry entry in definition.Entries.Where(e => e.Kind != PackageEntryKind.Ghost))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!there.TryGetValue(entry.Path, out PackageFileEntry? found))
            {
                findings.Add(Difference(definition, entry, "is not in the package"));
            }
            else if (entry.Kind == PackageEntryKind.File && found.Kind == PackageEntryKind.File
                && await DiffersAsync(entry.Content!, found, cancellationToken).ConfigureAwait(false))
            {
                findings.Add(Difference(definition, entry, "is not in the package as it is on disk; it may have changed while the package was built"));
            }
        }

        if (findings.Count > 0)
        {
            throw new OmnibusException(
                "PackageContentDiffers",
                ErrorKind.InvalidData,
                $"{definition.Name}: {findings[0].Path} {findings[0].Message}.{(findings.Count > 1 ? $" {findings.Count - 1} more differ." : string.Empty)}",
                definition.Name)
            {
                Findings = findings,
            };
        }
    }

    private static async Task<bool> DiffersAsync(IEntryContent content, PackageFileEntry found, CancellationToken cancellationToken)
    {
        if (content.Length != found.Size)
        {
            return true;
        }

        // md5 in a deb (none for configuration files), sha256 in an rpm.
        HashAlgorithmName? algorithm = found.Digest?.Length switch
        {
            32 => HashAlgorithmName.MD5,
            64 => HashAlgorithmName.SHA256,
            _ => null,
        };
        if (algorithm is null)
        {
            return false;
        }

        using Stream stream = content.OpenRead();
        byte[] hash = await CryptographicOperations.HashDataAsync(algorithm.Value, stream, cancellationToken).ConfigureAwait(false);
        return !Convert.ToHexStringLower(hash).Equals(found.Digest, StringComparison.OrdinalIgnoreCase);
    }

    private static Finding Difference(PackageDefinition definition, PackageEntry entry, string message) =>
        new("PackageContentDiffers", FindingSeverity.Error, message, definition.Name, entry.Path);
}
