using System.Globalization;
using System.Runtime.CompilerServices;
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
    private readonly string _root;
    private readonly StoreFolders _folders;
    private readonly PendingSyncs _pending;

    /// <summary>Opens a folder.</summary>
    /// <param name="path">An existing folder.</param>
    /// <param name="durable">Whether a commit waits until the disk has it. Off only for tests and measurements.</param>
    /// <exception cref="OmnibusException"><c>StoreNotFound</c>.</exception>
    public DirectoryStore(string path, bool durable = true)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        _pending = new PendingSyncs(durable);
        if (!Directory.Exists(_root))
        {
            throw new OmnibusException("StoreNotFound", ErrorKind.NotFound, $"{_root}: no such folder.", _root, "Create the repository first, or correct the path.");
        }

        _folders = new StoreFolders(_root);
    }

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public string StagingParent => _folders.Staging;

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

            string temporary = Path.Combine(_folders.Make(StagingParent), $"put-{Guid.NewGuid():N}");
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
        string temporary = Path.Combine(_folders.Make(StagingParent), $"put-{Guid.NewGuid():N}");
        try
        {
            // A second name for the same bytes: both are only ever replaced by renaming, never written in place.
            if (options.Condition != PutCondition.Always || !File.Exists(source) || !SystemCalls.TryLink(source, temporary))
            {
                return Task.FromResult(false);
            }

            _folders.With(target, () => File.Move(temporary, target, overwrite: true));
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
                    _folders.RemoveEmptyAbove(path);
                }

                return Task.FromResult(true);
            }).GetAwaiter().GetResult();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IDisposable?> LockRemovalAsync(CancellationToken cancellationToken) =>
        await Guard<IDisposable?>(RepositoryKeys.RemovalLockName, async () => await FileLock.TakeAsync(
            Path.Combine(_folders.Hidden(), RepositoryKeys.RemovalLockName), _folders.HiddenFileMode, TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

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

        foreach (FileInfo file in new DirectoryListing(_root).List(new DirectoryInfo(folder.Length == 0 ? _root : $"{_root}/{folder}"), prefix))
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

    // A package or index that is new: written without a name and named when it is whole. Null where the file system cannot.
    private async Task<PutResult?> TryPlaceUnnamedAsync(string key, string target, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(target)!;
        _folders.Make(folder);
        using SafeFileHandle? file = SystemCalls.TryMakeUnnamed(folder, _folders.FileMode);
        if (file is null)
        {
            return null;
        }

        File.SetUnixFileMode(file, _folders.FileMode);
        await ContentCopy.RunAsync(key, file, open, length, options, progress, cancellationToken).ConfigureAwait(false);
        bool placed = false;
        _folders.With(target, () => placed = SystemCalls.NameUnnamed(file, target));
        if (!placed)
        {
            return new PutResult(false, null);
        }

        _pending.Add(target);
        return new PutResult(true, ETag(File.GetLastWriteTimeUtc(file), length));
    }

    private async Task WriteTemporaryAsync(string key, string temporary, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using SafeFileHandle target = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.None, preallocationSize: 0);
        File.SetUnixFileMode(target, _folders.FileMode);
        await ContentCopy.RunAsync(key, target, open, length, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private PutResult Place(string temporary, string target)
    {
        var written = new FileInfo(temporary);
        string etag = ETag(written.LastWriteTimeUtc, written.Length);
        _folders.With(target, () => File.Move(temporary, target, overwrite: true));
        _pending.Add(target);
        return new PutResult(true, etag);
    }

    private PutResult PlaceIfAbsent(string temporary, string target, bool immutable)
    {
        if (!immutable)
        {
            _pending.Flush(temporary);
        }

        var written = new FileInfo(temporary);
        string etag = ETag(written.LastWriteTimeUtc, written.Length);
        bool placed = false;
        _folders.With(target, () => placed = SystemCalls.RenameNoReplace(temporary, target));
        if (!placed)
        {
            return new PutResult(false, null);
        }

        if (immutable)
        {
            _pending.Add(target);
        }
        else
        {
            _pending.SyncFolderOf(target);
        }

        return new PutResult(true, etag);
    }

    private async Task<PutResult> ReplaceIfMatchAsync(string temporary, string target, string etag, CancellationToken cancellationToken)
    {
        _pending.Flush(temporary);
        UnixFileMode mode = _folders.HiddenFileMode;
        using FileLock held = await FileLock.TakeAsync(Path.Combine(_folders.Hidden(), RepositoryKeys.LockName), mode, TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false);
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
        _pending.SyncFolderOf(target);
        return new PutResult(true, newTag);
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
        catch (IOException e) when (ErrorNumbers.IsReadOnly(e))
        {
            throw new OmnibusException("StoreAccessDenied", ErrorKind.PermissionDenied, $"{_root}: '{key}' may not be written: {e.Message}", key, "Its file system is mounted read-only.", e);
        }
        catch (IOException e) when (ErrorNumbers.IsDiskFull(e))
        {
            throw new OmnibusException("StoreFull", ErrorKind.Storage, $"{_root}: no room left for '{key}'.", key, "Free some space; what is published is untouched.", e);
        }
        catch (IOException e)
        {
            throw new OmnibusException("StoreFailed", ErrorKind.Storage, $"{_root}: '{key}': {e.Message}", key, inner: e);
        }
    }
}
