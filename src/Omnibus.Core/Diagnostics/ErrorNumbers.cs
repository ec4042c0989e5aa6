namespace Omnibus.Core.Diagnostics;

/// <summary>What the operating system's numbers say about a failed write. .NET keeps errno in the low word of HResult.</summary>
internal static class ErrorNumbers
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    /// <summary>Whether a disk or a quota is full (ENOSPC, EDQUOT), here or in a cause.</summary>
    public static bool IsDiskFull(Exception error) => Is(error, NoSpace, QuotaExceeded);

    /// <summary>Whether a file system is mounted read-only (EROFS), here or in a cause.</summary>
    public static bool IsReadOnly(Exception error) => Is(error, ReadOnlyFileSystem);

    private static bool Is(Exception error, params ReadOnlySpan<int> numbers)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (e is IOException && numbers.Contains(e.HResult & 0xffff))
            {
                return true;
            }
        }

        return false;
    }
}
