using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>The few calls of Linux that .NET does not offer and a store cannot do without.</summary>
internal static partial class SystemCalls
{
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int FollowLink = 0x400;

    // O_TMPFILE with O_DIRECTORY, O_RDWR, O_CLOEXEC; the value of O_DIRECTORY is another one on ARM (asm/fcntl.h).
    private static readonly int s_openUnnamed = 0x400000 | 0x80000 | 0x2
        | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000);

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

    /// <summary>Makes a file without a name in a folder (O_TMPFILE): it vanishes with its process, so that nothing is ever left half written.</summary>
    /// <returns>Null where the file system cannot, or there is no such folder.</returns>
    public static SafeFileHandle? TryMakeUnnamed(string folder, UnixFileMode mode)
    {
        int descriptor = OpenFile(folder, s_openUnnamed, (int)mode);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    /// <summary>Gives a file without a name its name.</summary>
    /// <returns>False when the name is taken.</returns>
    public static bool NameUnnamed(SafeFileHandle file, string target)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            if (LinkAt(CurrentFolder, $"/proc/self/fd/{file.DangerousGetHandle()}", CurrentFolder, target, FollowLink) == 0)
            {
                return true;
            }
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Exists ? false : throw Error(error, target);
    }

    /// <summary>Makes a folder whose parent is there.</summary>
    /// <returns>Whether it is new; false when it was there.</returns>
    public static bool MakeFolder(string path, UnixFileMode mode)
    {
        if (MakeDirectory(path, (int)mode) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Exists ? false : throw Error(error, path);
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

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(int sourceFolder, string source, int targetFolder, string target, int flags);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, int mode);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);
}
