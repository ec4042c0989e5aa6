using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>The rpm format, version 4: written and read natively.</summary>
public sealed class RpmFormat : IPackageFormat
{
    /// <inheritdoc/>
    public string Name => "Rpm";

    /// <inheritdoc/>
    public string Extension => ".rpm";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> CheckSignaturesAsync(string path, SignatureVerifier verifier, bool require, CancellationToken cancellationToken) =>
        RpmPackageSigning.CheckAsync(path, verifier, require, null, cancellationToken);

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith(RpmLead.Magic);

    /// <inheritdoc/>
    public string FileName(string name, PackageVersion version, string architecture) => $"{name}-{version.WithoutEpoch}.{architecture}.rpm";

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Validate(PackageDefinition definition) => RpmDefinitionCheck.Run(definition);

    /// <inheritdoc/>
    public async Task<PackageFile> WriteAsync(PackageDefinition definition, string folder, PackageWriteOptions options, CancellationToken cancellationToken)
    {
        Finding[] errors = [.. Validate(definition).Where(f => f.Severity == FindingSeverity.Error)];
        if (errors.Length > 0)
        {
            throw new OmnibusException(
                "PackageInvalid",
                ErrorKind.InvalidData,
                $"{definition.Name} {definition.Version} cannot become an rpm package: {errors[0].Message}{(errors.Length > 1 ? $" There are {errors.Length - 1} more such errors." : string.Empty)}",
                definition.Name,
                errors[0].Advice) { Findings = errors };
        }

        string name = FileName(definition.Name, definition.Version, definition.Architecture);
        string path = Path.GetFullPath(Path.Combine(folder, name));
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{name}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await RpmWriter.WriteAsync(definition, stream, options.Compression, cancellationToken).ConfigureAwait(false);
            }

            await PlaceAsync(temporary, path, options.Force, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException(
                "PackageWriteFailed",
                e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage,
                $"{path} could not be written: {e.Message}",
                path,
                inner: e);
        }
        finally
        {
            DeleteIfThere(temporary);
        }

        PackageFile file = await RpmReader.ReadAsync(path, PackageReadParts.Files | PackageReadParts.Scripts, cancellationToken).ConfigureAwait(false);
        return file with { Distribution = definition.Distribution };
    }

    /// <inheritdoc/>
    public Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken) => RpmReader.ReadAsync(path, parts, cancellationToken);

    // File.Delete minds a folder that is not there; what it would hide is the first error.
    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static async Task PlaceAsync(string temporary, string path, bool force, CancellationToken cancellationToken)
    {
        // Permissions do not depend on the caller's umask.
        File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        if (!force && File.Exists(path))
        {
            if (await HaveSameBytesAsync(temporary, path, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            throw new OmnibusException(
                "PackageExists",
                ErrorKind.AlreadyExists,
                $"{path} is there already, with other content.",
                path,
                "Raise the release number, or allow replacing it (-Force).");
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static async Task<bool> HaveSameBytesAsync(string first, string second, CancellationToken cancellationToken)
    {
        if (new FileInfo(first).Length != new FileInfo(second).Length)
        {
            return false;
        }

        string[] digests = await Task.WhenAll(
            RpmPackageReader.DigestAsync(first, cancellationToken),
            RpmPackageReader.DigestAsync(second, cancellationToken)).ConfigureAwait(false);
        return digests[0] == digests[1];
    }
}
