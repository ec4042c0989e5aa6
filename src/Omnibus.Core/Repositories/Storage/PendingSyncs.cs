using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>What a store in a folder has written and the disk may not have yet. It is flushed before a pointer names it.</summary>
/// <param name="durable">Whether to flush at all.</param>
internal sealed class PendingSyncs(bool durable)
{
    // Beyond this many files one flush of the file system costs less than one of each file.
    private const int OneByOneLimit = 32;

    private readonly ConcurrentQueue<string> _paths = new();

    /// <summary>Notes a file.</summary>
    public void Add(string path) => _paths.Enqueue(path);

    /// <summary>Flushes everything that was noted, and the file that is to point to it.</summary>
    public void Flush(string temporary)
    {
        if (!durable)
        {
            _paths.Clear();
            return;
        }

        if (_paths.Count > OneByOneLimit)
        {
            _paths.Clear();
            using SafeFileHandle handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            SystemCalls.SyncFileSystem(handle, temporary);
            return;
        }

        var folders = new HashSet<string>(StringComparer.Ordinal);
        while (_paths.TryDequeue(out string? path))
        {
            if (File.Exists(path))
            {
                SystemCalls.Sync(path);
                folders.Add(Path.GetDirectoryName(path)!);
            }
        }

        foreach (string folder in folders)
        {
            SystemCalls.Sync(folder);
        }

        SystemCalls.Sync(temporary);
    }

    /// <summary>Flushes the folder of a file that was just named.</summary>
    public void SyncFolderOf(string path)
    {
        if (durable)
        {
            SystemCalls.Sync(Path.GetDirectoryName(path)!);
        }
    }
}
