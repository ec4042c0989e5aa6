using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages;

/// <summary>The package formats that Omnibus knows: the only list of them.</summary>
public static class PackageFormats
{
    /// <summary>All formats.</summary>
    public static IReadOnlyList<IPackageFormat> All { get; } = [new Deb.DebFormat(), new Rpm.RpmFormat()];

    /// <summary>A format by name, whatever its case.</summary>
    /// <exception cref="OmnibusException"><c>PackageFormatUnknown</c>.</exception>
    public static IPackageFormat Get(string name) =>
        All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new OmnibusException(
            "PackageFormatUnknown",
            ErrorKind.InvalidArgument,
            $"'{name}' is no package format.",
            name,
            $"Use one of: {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>Reads a package of any format, recognised by its first bytes.</summary>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static async Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken)
    {
        byte[] head = new byte[16];
        int count;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, useAsync: true);
            count = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("PackageNotFound", ErrorKind.NotFound, $"{path}: no such file.", path, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.PermissionDenied, $"{path}: may not be read.", path, inner: e);
        }

        IPackageFormat format = All.FirstOrDefault(f => f.Recognises(head.AsSpan(0, count))) ?? throw new OmnibusException(
            "PackageUnreadable",
            ErrorKind.InvalidData,
            $"{path}: neither a deb nor an rpm package.",
            path);
        return await format.ReadAsync(path, parts, cancellationToken).ConfigureAwait(false);
    }
}
