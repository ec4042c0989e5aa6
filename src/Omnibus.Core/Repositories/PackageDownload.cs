using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories;

/// <summary>Brings the file of a published package onto this machine, held against its digest.</summary>
public static class PackageDownload
{
    /// <summary>Saves a package into a folder under its own file name, and its further files beside it.</summary>
    /// <returns>The file; the first of several.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryPackageMissing</c>, <c>RepositoryPackageDigestWrong</c>, <c>FileExists</c>, <c>PackageSaveFailed</c>.</exception>
    public static Task<string> SaveAsync(Repository repository, PublishedPackage package, string folder, bool replace, CancellationToken cancellationToken) =>
        SaveAsync(repository.Store, package, folder, replace, cancellationToken);

    /// <inheritdoc cref="SaveAsync(Repository, PublishedPackage, string, bool, CancellationToken)"/>
    public static async Task<string> SaveAsync(IObjectStore store, PublishedPackage package, string folder, bool replace, CancellationToken cancellationToken)
    {
        // The file that names the others comes last: when it is there, all are.
        foreach (PublishedFile file in package.MoreFiles)
        {
            await SaveAsync(store, file, folder, replace, cancellationToken).ConfigureAwait(false);
        }

        return await SaveAsync(store, package.Files[0], folder, replace, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> SaveAsync(IObjectStore store, PublishedFile published, string folder, bool replace, CancellationToken cancellationToken)
    {
        string target = Path.Combine(folder, published.Key[(published.Key.LastIndexOf('/') + 1)..]);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(folder);
            if (!replace && File.Exists(target))
            {
                return await IsSameAsync(target, published, cancellationToken).ConfigureAwait(false) ? target : throw new OmnibusException(
                    "FileExists", ErrorKind.AlreadyExists, $"{target} is there with other content.", target, "Use -Force to replace it.");
            }

            await FetchAsync(store, published, temporary, cancellationToken).ConfigureAwait(false);
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

    private static async Task FetchAsync(IObjectStore store, PublishedFile published, string path, CancellationToken cancellationToken)
    {
        ObjectReading reading = await store.OpenReadAsync(published.Key, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "RepositoryPackageMissing", ErrorKind.NotFound, $"{store.Location}: {published.Key} is published, but is not there.", published.Key, "See what else is wrong with Test-Repository -Detailed.");
        long size = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (reading.ConfigureAwait(false))
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            byte[] buffer = new byte[128 * 1024];
            while (await reading.Content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                size += count;
                if (size > published.Size)
                {
                    // Never more than was promised, whatever the server sends.
                    break;
                }

                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }

        if (size != published.Size)
        {
            throw new OmnibusException("RepositoryPackageDigestWrong", ErrorKind.Security, $"{store.Location}: {published.Key} has {(size > published.Size ? "more" : "fewer")} bytes than the {published.Size} that the index says.", published.Key);
        }

        string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (published.Sha256.Length > 0 && digest != published.Sha256)
        {
            throw new OmnibusException("RepositoryPackageDigestWrong", ErrorKind.Security, $"{store.Location}: {published.Key} has sha256 {digest}; the index says {published.Sha256}.", published.Key);
        }
    }

    private static async Task<bool> IsSameAsync(string path, PublishedFile published, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        return file.Length == published.Size && Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)) == published.Sha256;
    }
}
