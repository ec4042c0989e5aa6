using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages;

/// <summary>
/// Reads a file from its beginning to its end: open(2), read(2), close(2) and nothing else. With thousands of small files the locks, sizes and
/// seeks of FileStream take longer than the reading.
/// </summary>
internal sealed partial class SourceFileStream : ReadOnlyStream
{
    // open(2): read only, do not hand it down to programs that we start.
    private const int OpenFlags = 0x80000;

    // errno(3).
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int Interrupted = 4;
    private const int AccessDenied = 13;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private SourceFileStream(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SourceFileStream Open(string path)
    {
        int descriptor;
        while ((descriptor = Open(path, OpenFlags)) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw Error(error, path);
            }
        }

        return new SourceFileStream(new SafeFileHandle(descriptor, ownsHandle: true), path);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        nint count;
        while ((count = Read(_handle, buffer, (nuint)buffer.Length)) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw Error(error, _path);
            }
        }

        return (int)count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _handle.Dispose();
        }
    }

    private static Exception Error(int error, string path)
    {
        string message = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error switch
        {
            NoEntry => new FileNotFoundException(message, path),
            NotPermitted or AccessDenied => new UnauthorizedAccessException(message),
            _ => new IOException(message, error),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Span<byte> buffer, nuint count);
}
