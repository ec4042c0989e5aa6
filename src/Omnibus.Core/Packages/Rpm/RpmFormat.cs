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

        string path = Path.Combine(Path.GetFullPath(folder), FileName(definition.Name, definition.Version, definition.Architecture));
        await PackageFilePlacement.WriteAsync(path, options.Force, async file =>
        {
            // Permissions do not depend on the caller's umask.
            File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            await RpmWriter.WriteAsync(definition, file, options.Compression, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        PackageFile file = await RpmReader.ReadAsync(path, PackageReadParts.Files | PackageReadParts.Scripts, cancellationToken).ConfigureAwait(false);
        return file with { Distribution = definition.Distribution };
    }

    /// <inheritdoc/>
    public Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken) => RpmReader.ReadAsync(path, parts, cancellationToken);
}
