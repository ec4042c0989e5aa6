using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>A folder as a store. Writes are temporary files that are renamed; conditions hold between the processes of one host.</summary>
/// <remarks>
/// A pointer's tag is its time of change and size; each replacement under a condition gets a later time than what it replaces, so
/// that a tag never comes back. Before a conditional write everything written earlier is flushed to the disk: after a power cut
/// a pointer never names a file that is not there.
/// </remarks>
public sealed class DirectoryStore : IObjectStore
{
    // Beyond this many files one flush of the file system costs less than one of each file.
    private const int SyncOneByOneLimit = 32;
    private const int CopyBufferSize = 256 * 1024;

    private readonly string _root;
    private readonly bool _durable;
    private readonly UnixFileMode _fileMode;
    private readonly UnixFileMode _folderMode;
    private readonly ConcurrentQueue<string> _unsynced = new();
    private readonly ConcurrentDictionary<string, byte> _madeFolders = new(StringComparer.Ordinal);

    /// <summary>Opens a folder.</summary>
    /// <param name="path">An existing folder.</param>
    /// <param name="durable">Whether a commit waits until the disk has it. Off only for tests and measurements.</param>
    /// <exception cref="OmnibusException"><c>StoreNotFound</c>.</exception>
    public DirectoryStore(string path, bool durable = true)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        _durable = durable;
        if (!Directory.Exists(_root))
        {
            throw new OmnibusException("StoreNotFound", ErrorKind.NotFound, $"{_root}: no such folder.", _root, "Create the repository first, or correct the path.");
        }

        // Web servers must be able to read what is published, whatever our umask; a folder that a group may write stays so.
        UnixFileMode root = File.GetUnixFileMode(_root);
        UnixFileMode group = root & UnixFileMode.GroupWrite;
        _fileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | group;
        _folderMode = _fileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | (root & UnixFileMode.SetGroup);
    }

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public string StagingParent => Path.Combine(HiddenFolder(), "staging");

    /// <summary>The local path of an object, whether or not it is there.</summary>
    /// <exception cref="OmnibusException"><c>StoreKeyInvalid</c>.</exception>
    public string PathOf(string key)
    {
        ObjectKey.Check(key);
        return $"{_root}/{key}";
    }

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) =>
        Guard(key, () => Task.FromResult(Describe(key, new FileInfo(PathOf(key)))));

    /// <inheritdoc/>
    public Task<ObjectReading?> OpenReadAsync(string key, CancellationToken cancellationToken) => Guard(key, () =>
    {
        string path = PathOf(key);
        if (!File.Exists(path))
        {
            return Task.FromResult<ObjectReading?>(null);
        }

        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<ObjectReading?>(null);
        }

        // From the open file, not from the path: that may be another one by now.
        DateTime modified = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
        var stored = new StoredObject(key, stream.Length, ETag(modified, stream.Length), new DateTimeOffset(modified));
        return Task.FromResult<ObjectReading?>(new ObjectReading(stored, stream));
    });

    /// <inheritdoc/>
    public Task<PutResult> PutAsync(string key, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken) =>
        Guard(key, async () =>
        {
            string target = PathOf(key);
            if (options.Condition.IfAbsent && File.Exists(target))
            {
                return new PutResult(false, null);
            }

            if (options.Condition.IfAbsent && options.Immutable
                && await TryPlaceUnnamedAsync(key, target, open, length, options, progress, cancellationToken).ConfigureAwait(false) is { } placed)
            {
                return placed;
            }

            string temporary = Path.Combine(MakeFolder(StagingParent), $"put-{Guid.NewGuid():N}");
            try
            {
                await WriteTemporaryAsync(key, temporary, open, length, options, progress, cancellationToken).ConfigureAwait(false);
                PutResult result = options.Condition switch
                {
                    { IfMatch: { } etag } => await ReplaceIfMatchAsync(temporary, target, etag, cancellationToken).ConfigureAwait(false),
                    { IfAbsent: true } => PlaceIfAbsent(temporary, target, options.Immutable),
                    _ => Place(temporary, target),
                };
                return result;
            }
            finally
            {
                File.Delete(temporary);
            }
        });

    /// <inheritdoc/>
    public Task<bool> TryCopyAsync(string sourceKey, string targetKey, PutOptions options, CancellationToken cancellationToken) => Guard(targetKey, () =>
    {
        string source = PathOf(sourceKey);
        string target = PathOf(targetKey);
        string temporary = Path.Combine(MakeFolder(StagingParent), $"put-{Guid.NewGuid():N}");
        try
        {
            // A second name for the same bytes: both are only ever replaced by renaming, never written in place.
            if (options.Condition != PutCondition.Always || !File.Exists(source) || !SystemCalls.TryLink(source, temporary))
            {
                return Task.FromResult(false);
            }

            InFolder(target, () => File.Move(temporary, target, overwrite: true));
            return Task.FromResult(true);
        }
        finally
        {
            // rename(2) of two names of one file does nothing: the temporary name is still there.
            File.Delete(temporary);
        }
    });

    /// <inheritdoc/>
    public Task DeleteAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        foreach (string key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Guard(key, () =>
            {
                string path = PathOf(key);
                if (File.Exists(path))
                {
                    File.Delete(path);
                    RemoveEmptyParents(path);
                }

                return Task.FromResult(true);
            }).GetAwaiter().GetResult();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken) =>
        await Guard<IDisposable?>(RepositoryKeys.RemovalLockName, async () => await FileLock.TakeAsync(
            Path.Combine(HiddenFolder(), RepositoryKeys.RemovalLockName), _fileMode & ~UnixFileMode.OtherRead, TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        int slash = prefix.LastIndexOf('/');
        string folder = slash < 0 ? string.Empty : prefix[..slash];
        if (folder.Length > 0)
        {
            ObjectKey.Check(folder);
        }

        foreach (FileInfo file in List(new DirectoryInfo(folder.Length == 0 ? _root : $"{_root}/{folder}"), prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string key = Path.GetRelativePath(_root, file.FullName);
            if (Describe(key, file) is { } found)
            {
                yield return found;
            }
        }
    }

    private static string ETag(DateTime modified, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"{modified.Ticks:x}-{length:x}");

    private static StoredObject? Describe(string key, FileInfo file) => file.Exists
        ? new StoredObject(key, file.Length, ETag(file.LastWriteTimeUtc, file.Length), new DateTimeOffset(file.LastWriteTimeUtc))
        : null;

    private IEnumerable<FileInfo> List(DirectoryInfo folder, string prefix)
    {
        if (!folder.Exists)
        {
            yield break;
        }

        FileSystemInfo[] entries = folder.GetFileSystemInfos();
        // By key: a folder sorts as its name with the slash that follows it.
        Array.Sort(entries, static (a, b) => string.CompareOrdinal(SortName(a), SortName(b)));
        string staging = Path.Combine(_root, RepositoryKeys.HiddenFolder, "staging");
        foreach (FileSystemInfo entry in entries)
        {
            if (entry is DirectoryInfo child)
            {
                string key = Path.GetRelativePath(_root, child.FullName) + "/";
                bool wanted = key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(key, StringComparison.Ordinal);
                if (!wanted || child.FullName == staging || child.LinkTarget is not null)
                {
                    continue;
                }

                foreach (FileInfo file in List(child, prefix))
                {
                    yield return file;
                }
            }
            else if (entry is FileInfo file && Path.GetRelativePath(_root, file.FullName).StartsWith(prefix, StringComparison.Ordinal)
                && file.Name is not (RepositoryKeys.LockName or RepositoryKeys.RemovalLockName))
            {
                yield return file;
            }
        }

        static string SortName(FileSystemInfo entry) => entry is DirectoryInfo ? entry.Name + "/" : entry.Name;
    }

    // A package or index that is new: written without a name and named when it is whole. Null where the file system cannot.
    private async Task<PutResult?> TryPlaceUnnamedAsync(string key, string target, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(target)!;
        MakeFolder(folder);
        using SafeFileHandle? file = SystemCalls.TryMakeUnnamed(folder, _fileMode);
        if (file is null)
        {
            return null;
        }

        await WriteContentAsync(key, file, open, length, options, progress, cancellationToken).ConfigureAwait(false);
        bool placed = false;
        InFolder(target, () => placed = SystemCalls.NameUnnamed(file, target));
        if (!placed)
        {
            return new PutResult(false, null);
        }

        _unsynced.Enqueue(target);
        return new PutResult(true, ETag(File.GetLastWriteTimeUtc(file), length));
    }

    private async Task WriteTemporaryAsync(string key, string temporary, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using SafeFileHandle target = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.None, preallocationSize: 0);
        await WriteContentAsync(key, target, open, length, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteContentAsync(string key, SafeFileHandle target, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using Stream source = open();
        File.SetUnixFileMode(target, _fileMode);
        using IncrementalHash? hash = options.Sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length + 1, 1024, CopyBufferSize));
        try
        {
            long position = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                RandomAccess.Write(target, buffer.AsSpan(0, count), position);
                hash?.AppendData(buffer, 0, count);
                position += count;
                progress?.Report(count);
                if (position > length)
                {
                    break;
                }
            }

            bool sameDigest = hash is null || Convert.ToHexStringLower(hash.GetHashAndReset()) == options.Sha256;
            if (position != length || !sameDigest)
            {
                throw new OmnibusException(
                    "StoreContentChanged",
                    ErrorKind.InvalidData,
                    $"{key}: the bytes to be stored are not those that were announced ({length} bytes{(sameDigest ? string.Empty : $", sha256 {options.Sha256}")}); the file was changed meanwhile.",
                    key,
                    "Start again when nothing writes to the file any more.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private PutResult Place(string temporary, string target)
    {
        var written = new FileInfo(temporary);
        string etag = ETag(written.LastWriteTimeUtc, written.Length);
        InFolder(target, () => File.Move(temporary, target, overwrite: true));
        _unsynced.Enqueue(target);
        return new PutResult(true, etag);
    }

    private PutResult PlaceIfAbsent(string temporary, string target, bool immutable)
    {
        if (!immutable)
        {
            Flush(temporary);
        }

        var written = new FileInfo(temporary);
        string etag = ETag(written.LastWriteTimeUtc, written.Length);
        bool placed = false;
        InFolder(target, () => placed = SystemCalls.RenameNoReplace(temporary, target));
        if (!placed)
        {
            return new PutResult(false, null);
        }

        if (immutable)
        {
            _unsynced.Enqueue(target);
        }
        else
        {
            SyncFolderOf(target);
        }

        return new PutResult(true, etag);
    }

    private async Task<PutResult> ReplaceIfMatchAsync(string temporary, string target, string etag, CancellationToken cancellationToken)
    {
        Flush(temporary);
        UnixFileMode mode = _fileMode & ~UnixFileMode.OtherRead;
        using FileLock held = await FileLock.TakeAsync(Path.Combine(HiddenFolder(), RepositoryKeys.LockName), mode, TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false);
        var present = new FileInfo(target);
        if (!present.Exists || ETag(present.LastWriteTimeUtc, present.Length) != etag)
        {
            return new PutResult(false, null);
        }

        // Never the same tag twice, even when the clock stands still or goes back.
        var written = new FileInfo(temporary);
        // Clients ask If-Modified-Since, which knows whole seconds: within one second they would take the new state for the old one.
        DateTime before = present.LastWriteTimeUtc;
        DateTime earliest = before.AddTicks(TimeSpan.TicksPerSecond - (before.Ticks % TimeSpan.TicksPerSecond));
        if (written.LastWriteTimeUtc < earliest)
        {
            File.SetLastWriteTimeUtc(temporary, earliest);
            written.Refresh();
        }

        string newTag = ETag(written.LastWriteTimeUtc, written.Length);
        File.Move(temporary, target, overwrite: true);
        SyncFolderOf(target);
        return new PutResult(true, newTag);
    }

    // Everything written before must be on the disk before what points to it.
    private void Flush(string temporary)
    {
        if (!_durable)
        {
            _unsynced.Clear();
            return;
        }

        if (_unsynced.Count > SyncOneByOneLimit)
        {
            _unsynced.Clear();
            using SafeFileHandle handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            SystemCalls.SyncFileSystem(handle, temporary);
            return;
        }

        var folders = new HashSet<string>(StringComparer.Ordinal);
        while (_unsynced.TryDequeue(out string? path))
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

    private void SyncFolderOf(string path)
    {
        if (_durable)
        {
            SystemCalls.Sync(Path.GetDirectoryName(path)!);
        }
    }

    private string HiddenFolder()
    {
        string folder = Path.Combine(_root, RepositoryKeys.HiddenFolder);
        if (!_madeFolders.ContainsKey(folder))
        {
            UnixFileMode mode = _folderMode & ~(UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            Directory.CreateDirectory(folder, mode);
            _madeFolders.TryAdd(folder, 0);
        }

        return folder;
    }

    private string MakeFolder(string folder)
    {
        if (!_madeFolders.ContainsKey(folder))
        {
            if (folder.StartsWith(Path.Combine(_root, RepositoryKeys.HiddenFolder), StringComparison.Ordinal))
            {
                HiddenFolder();
            }

            if (folder.Length > _root.Length)
            {
                MakeFolder(Path.GetDirectoryName(folder)!);
                if (SystemCalls.MakeFolder(folder, _folderMode))
                {
                    // The umask may have taken bits; a folder of a group hands its group down.
                    File.SetUnixFileMode(folder, _folderMode);
                }
            }

            _madeFolders.TryAdd(folder, 0);
        }

        return folder;
    }

    // Another process may remove the empty folder between our making it and our using it.
    private void InFolder(string target, Action place)
    {
        string folder = Path.GetDirectoryName(target)!;
        for (int attempt = 1; ; attempt++)
        {
            MakeFolder(folder);
            try
            {
                place();
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < 5)
            {
                _madeFolders.Clear();
            }
        }
    }

    private void RemoveEmptyParents(string path)
    {
        for (string folder = Path.GetDirectoryName(path)!; folder.Length > _root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            _madeFolders.TryRemove(folder, out _);
            try
            {
                if (folder == Path.Combine(_root, RepositoryKeys.HiddenFolder) && Directory.Exists(StagingParent))
                {
                    _madeFolders.TryRemove(StagingParent, out _);
                    Directory.Delete(StagingParent);
                }

                Directory.Delete(folder);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private async Task<T> Guard<T>(string key, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("StoreAccessDenied", ErrorKind.PermissionDenied, $"{_root}: '{key}' may not be accessed: {e.Message}", key, "Check the owner and the permissions of the folder, and whether its file system is mounted read-only.", e);
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new OmnibusException("StoreFull", ErrorKind.Storage, $"{_root}: no room left for '{key}'.", key, "Free some space; what is published is untouched.", e);
        }
        catch (IOException e)
        {
            throw new OmnibusException("StoreFailed", ErrorKind.Storage, $"{_root}: '{key}': {e.Message}", key, inner: e);
        }
    }

    // ENOSPC and EDQUOT.
    private static bool IsFull(IOException e) => e.HResult is 28 or 122;
}
