using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Building;

/// <summary>
/// The folder of one build, below the cache folder. It is removed when the build ends, however it ends; what a killed process left is removed by
/// the next build.
/// </summary>
public sealed class BuildWorkspace : IAsyncDisposable
{
    private readonly FileStream _lock;

    private BuildWorkspace(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }


    /// <summary>Makes an empty folder for a build.</summary>
    /// <param name="cacheDirectory">The cache folder; it is made when missing.</param>
    /// <exception cref="OmnibusException"><c>CacheNotWritable</c>.</exception>
    public static BuildWorkspace Create(string cacheDirectory)
    {
        string builds = System.IO.Path.Combine(System.IO.Path.GetFullPath(cacheDirectory), "builds");
        try
        {
            Directory.CreateDirectory(builds);
            RemoveAbandoned(builds);
            string path = System.IO.Path.Combine(builds, System.IO.Path.GetRandomFileName().Replace(".", string.Empty, StringComparison.Ordinal));

            // .NET takes an flock for FileShare.None, which ends with the process.
            var lockFile = new FileStream(path + ".lock", FileMode.CreateNew, FileAccess.Write, FileShare.None);
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new BuildWorkspace(path, lockFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException(
                "CacheNotWritable",
                e is IOException ? ErrorKind.Storage : ErrorKind.PermissionDenied,
                $"{builds}: no build folder could be made: {e.Message}",
                builds,
                "Set XDG_CACHE_HOME to a folder that you may write.",
                e);
        }
    }

    /// <summary>Makes a folder inside.</summary>
    /// <param name="parts">Path below the workspace.</param>
    /// <returns>Its absolute path.</returns>
    public string CreateDirectory(params string[] parts) => Directory.CreateDirectory(System.IO.Path.Combine([Path, .. parts])).FullName;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.Run(() => TreeRemoval.Remove(Path)).ConfigureAwait(false);
        File.Delete(_lock.Name);
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static void RemoveAbandoned(string builds)
    {
        foreach (string lockPath in Directory.EnumerateFiles(builds, "*.lock"))
        {
            try
            {
                using var taken = new FileStream(lockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                TreeRemoval.Remove(lockPath[..^".lock".Length]);
                File.Delete(lockPath);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use by a build that runs, or another user's.
            }
        }
    }
}
