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
        return await Task.Run(() => Write(definition, payload, Path.GetFullPath(folder), options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken) =>
        Task.Run(() => DebReader.Read(Path.GetFullPath(path), parts, cancellationToken), cancellationToken);

    private PackageFile Write(PackageDefinition definition, DebPayload payload, string folder, PackageWriteOptions options, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, FileName(definition.Name, definition.Version, definition.Architecture));
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                DebWriter.Write(file, definition, payload, options.Compression, folder, cancellationToken);
            }

            if (File.Exists(path) && !options.Force && !HaveSameBytes(path, temporary))
            {
                throw new OmnibusException(
                    "PackageExists",
                    ErrorKind.AlreadyExists,
                    $"{path} is there already, with other content.",
                    path,
                    "Raise the release number, remove the file, or use -Force.");
            }

            File.Move(temporary, path, overwrite: true);
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
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }

        return DebReader.Read(path, PackageReadParts.Control, cancellationToken) with { Distribution = definition.Distribution };
    }

    private static bool HaveSameBytes(string first, string second)
    {
        using FileStream a = File.OpenRead(first);
        using FileStream b = File.OpenRead(second);
        if (a.Length != b.Length)
        {
            return false;
        }

        byte[] left = new byte[64 * 1024];
        byte[] right = new byte[64 * 1024];
        int count;
        while ((count = a.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0)
        {
            if (b.ReadAtLeast(right, right.Length, throwOnEndOfStream: false) != count || !left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }
}
