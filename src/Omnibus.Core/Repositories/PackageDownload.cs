using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Brings the file of a published package onto this machine, held against its digest.</summary>
public static class PackageDownload
{
    /// <summary>Saves a package into a folder under its own file name.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryPackageMissing</c>, <c>RepositoryPackageDigestWrong</c>, <c>FileExists</c>, <c>PackageSaveFailed</c>.</exception>
    public static async Task<string> SaveAsync(Repository repository, PublishedPackage package, string folder, bool replace, CancellationToken cancellationToken)
    {
        string target = Path.Combine(folder, package.Key[(package.Key.LastIndexOf('/') + 1)..]);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(folder);
            if (!replace && File.Exists(target))
            {
                return await IsSameAsync(target, package, cancellationToken).ConfigureAwait(false) ? target : throw new OmnibusException(
                    "FileExists", ErrorKind.AlreadyExists, $"{target} is there with other content.", target, "Use -Force to replace it.");
            }

            await FetchAsync(repository, package, temporary, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, target, overwrite: true);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException("PackageSaveFailed", e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage, $"{target} cannot be written: {e.Message}", target, inner: e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task FetchAsync(Repository repository, PublishedPackage package, string path, CancellationToken cancellationToken)
    {
        ObjectReading reading = await repository.Store.OpenReadAsync(package.Key, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "RepositoryPackageMissing", ErrorKind.NotFound, $"{repository.Location}: {package.Key} is published, but is not there.", package.Key, "See what else is wrong with Test-Repository -Detailed.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (reading.ConfigureAwait(false))
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            byte[] buffer = new byte[128 * 1024];
            while (await reading.Content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }

        string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (package.Sha256.Length > 0 && digest != package.Sha256)
        {
            throw new OmnibusException("RepositoryPackageDigestWrong", ErrorKind.Security, $"{repository.Location}: {package.Key} has sha256 {digest}; the index says {package.Sha256}.", package.Key);
        }
    }

    private static async Task<bool> IsSameAsync(string path, PublishedPackage package, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        return file.Length == package.Size && Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)) == package.Sha256;
    }
}
