using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>A folder for files in the making. It is locked while its process lives, so that the next run can tell and remove those of killed ones.</summary>
public sealed class StagingFolder : IDisposable
{
    private static readonly TimeSpan s_startUp = TimeSpan.FromMinutes(1);

    private readonly FileLock _lock;
    private readonly string _lockPath;

    private StagingFolder(string path, string lockPath, FileLock held)
    {
        Path = path;
        _lockPath = lockPath;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a new folder, and removes what killed processes left beside it.</summary>
    /// <param name="parent">Where; null takes a private folder in the system's temporary folder.</param>
    /// <exception cref="OmnibusException"><c>StagingFailed</c>, <c>StoreFull</c>, <c>StoreAccessDenied</c>.</exception>
    public static StagingFolder Create(string? parent)
    {
        parent ??= System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"omnibus-staging-{Environment.UserName}");
        try
        {
            Directory.CreateDirectory(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            RemoveAbandoned(parent);
            string path = System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"));
            string lockPath = path + ".lock";
            FileLock held = FileLock.TryTake(lockPath) ?? throw new IOException($"{lockPath} is locked.");
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new StagingFolder(path, lockPath, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StagingErrors.From(e, parent);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            File.Delete(_lockPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run removes it: its lock is free now.
        }

        _lock.Dispose();
    }

    private static void RemoveAbandoned(string parent)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(parent))
        {
            try
            {
                // A process that is just starting has made its lock file but not yet locked it.
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(entry) < s_startUp)
                {
                    continue;
                }

                if (entry.EndsWith(".lock", StringComparison.Ordinal))
                {
                    RemoveIfUnlocked(entry);
                }
                else if (File.Exists(entry))
                {
                    using FileLock? held = FileLock.TryTake(entry);
                    if (held is not null)
                    {
                        File.Delete(entry);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or already gone: never a reason to stop.
            }
        }
    }

    private static void RemoveIfUnlocked(string lockPath)
    {
        using FileLock? held = FileLock.TryTake(lockPath);
        if (held is null)
        {
            return;
        }

        string folder = lockPath[..^".lock".Length];
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        File.Delete(lockPath);
    }
}
