using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>The few calls of Linux that .NET does not offer and a store cannot do without.</summary>
internal static partial class SystemCalls
{
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int AccessDenied = 13;
    private const int Exists = 17;
    private const int CrossDevice = 18;
    private const int InvalidArgument = 22;
    private const int TooManyLinks = 31;
    private const int ReadOnlyFileSystem = 30;
    private const int NotImplemented = 38;

    /// <summary>Renames without replacing what is there (renameat2(2)); where the file system cannot, links and unlinks.</summary>
    /// <returns>False when the target exists.</returns>
    public static bool RenameNoReplace(string source, string target)
    {
        if (RenameAt2(CurrentFolder, source, CurrentFolder, target, NoReplace) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        if (error is InvalidArgument or NotImplemented)
        {
            if (!TryLink(source, target, out error))
            {
                return error == Exists ? false : throw Error(error, target);
            }

            File.Delete(source);
            return true;
        }

        return error == Exists ? false : throw Error(error, target);
    }

    /// <summary>Gives a file a second name. False where the file system cannot or the source is not there.</summary>
    public static bool TryLink(string source, string target)
    {
        if (TryLink(source, target, out int error))
        {
            return true;
        }

        return error is CrossDevice or NotPermitted or TooManyLinks or NotImplemented or NoEntry ? false : throw Error(error, target);
    }

    /// <summary>Flushes everything of the file system that a file lies on (syncfs(2)).</summary>
    public static void SyncFileSystem(SafeFileHandle handle, string path)
    {
        if (SyncFs(handle) != 0)
        {
            throw LastError(path);
        }
    }

    /// <summary>Flushes a file or a folder to the disk (fsync(2)).</summary>
    public static void Sync(string path)
    {
        // FileStream refuses to open a folder; open(2) with O_RDONLY | O_CLOEXEC does not.
        int descriptor = OpenFile(path, 0x80000, 0);
        if (descriptor < 0)
        {
            throw LastError(path);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Fsync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
        {
            throw LastError(path);
        }
    }

    public static Exception LastError(string path) => Error(Marshal.GetLastPInvokeError(), path);

    public static Exception Error(int error, string path)
    {
        string message = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error switch
        {
            AccessDenied or NotPermitted or ReadOnlyFileSystem => new UnauthorizedAccessException(message),
            NoEntry => new DirectoryNotFoundException(message),
            _ => new IOException(message, error),
        };
    }

    private static bool TryLink(string source, string target, out int error)
    {
        bool linked = Link(source, target) == 0;
        error = linked ? 0 : Marshal.GetLastPInvokeError();
        return linked;
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int sourceFolder, string source, int targetFolder, string target, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);
}
