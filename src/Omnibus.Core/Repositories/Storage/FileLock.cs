using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>An advisory lock on a file (flock(2)), between processes of one host and between tasks of one process. The kernel drops it when its holder dies.</summary>
public sealed partial class FileLock : IDisposable
{
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int WouldBlock = 11;

    // open(2): read and write, make it, do not hand it down to programs that we start. The values are those of every 64-bit Linux that .NET runs on.
    private const int OpenFlags = 0x2 | 0x40 | 0x80000;

    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock if nobody holds it.</summary>
    /// <param name="path">The lock file; made when missing.</param>
    /// <param name="mode">Permissions of a new lock file.</param>
    /// <returns>The lock, or null when it is held.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileLock? TryTake(string path, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        // Not through FileStream: .NET itself places a shared lock on every file that it opens.
        int descriptor = Open(path, OpenFlags, (int)mode);
        if (descriptor < 0)
        {
            throw SystemCalls.LastError(path);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Flock(handle, LockExclusive | LockNonBlocking) == 0)
        {
            return new FileLock(handle);
        }

        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return error == WouldBlock ? null : throw SystemCalls.Error(error, path);
    }

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="OmnibusException"><c>StoreLocked</c>: somebody held it all the time.</exception>
    public static async Task<FileLock> TakeAsync(string path, UnixFileMode mode, TimeSpan patience, CancellationToken cancellationToken)
    {
        long until = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        for (int wait = 1; ; wait = Math.Min(wait * 2, 20))
        {
            if (TryTake(path, mode) is { } held)
            {
                return held;
            }

            if (Environment.TickCount64 > until)
            {
                throw new OmnibusException(
                    "StoreLocked",
                    ErrorKind.Timeout,
                    $"{path}: another process has held the lock for {patience.TotalSeconds:0} s.",
                    path,
                    "See with 'fuser' who holds it, and end that process if it hangs.");
            }

            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle handle, int operation);
}
