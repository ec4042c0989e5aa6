using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Debian packages.</summary>
public sealed class DebFormat : IPackageFormat
{
    /// <inheritdoc/>
    public string Name => "Deb";

    /// <inheritdoc/>
    public string Extension => ".deb";

    /// <inheritdoc/>
    public bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith(ArReader.Magic);

    /// <inheritdoc/>
    /// <remarks>The epoch is left out, as dpkg does it: a colon does not belong in a file name.</remarks>
    public string FileName(string name, PackageVersion version, string architecture) => $"{name}_{version.WithoutEpoch}_{architecture}{Extension}";

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Validate(PackageDefinition definition) => DebRules.Check(definition);

    /// <inheritdoc/>
    public async Task<PackageFile> WriteAsync(PackageDefinition definition, string folder, PackageWriteOptions options, CancellationToken cancellationToken)
    {
        // Laying out takes as long as checking, so both are done at the same time. What comes of a definition with errors is not looked at.
        Task<DebPayload> layout = Task.Run(() => DebPayload.Create(definition), cancellationToken);
        IReadOnlyList<Finding> findings = Validate(definition);
        if (findings.Any(f => f.Severity == FindingSeverity.Error))
        {
            await ((Task)layout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            string[] errors = [.. findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Message)];
            throw new OmnibusException(
                "PackageInvalid",
                ErrorKind.InvalidData,
                $"{definition.Name} {definition.Version}: {string.Join("\n    ", errors.Take(20))}",
                definition.Name)
            {
                Findings = findings,
            };
        }

        DebPayload payload = await layout.ConfigureAwait(false);
        string path = Path.Combine(Path.GetFullPath(folder), FileName(definition.Name, definition.Version, definition.Architecture));
        await PackageFilePlacement.WriteAsync(path, options.Force, file => Task.Run(
            () => DebWriter.Write(file, definition, payload, options.Compression, Path.GetDirectoryName(path)!, cancellationToken), cancellationToken)).ConfigureAwait(false);
        return await ReadAsync(path, PackageReadParts.Control, cancellationToken).ConfigureAwait(false) with { Distribution = definition.Distribution };
    }

    /// <inheritdoc/>
    public Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken) =>
        Task.Run(() => DebReader.Read(Path.GetFullPath(path), parts, cancellationToken), cancellationToken);
}
