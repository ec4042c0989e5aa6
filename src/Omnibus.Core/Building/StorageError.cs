using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Building;

/// <summary>Errors of storage in the words of an admin.</summary>
internal static class StorageError
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Whether an exception says that the disk is full (ENOSPC, EDQUOT).</summary>
    public static bool IsDiskFull(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            // .NET keeps errno in the low word of HResult.
            if (e is IOException && (e.HResult & 0xffff) is NoSpace or QuotaExceeded)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An error for a failed write: <c>DiskFull</c>, or the given id.</summary>
    public static OmnibusException From(IOException error, string id, string path, string what) => IsDiskFull(error)
        ? new OmnibusException("DiskFull", ErrorKind.Storage, $"{what}: the disk of {path} is full.", path, "Free some space, or set XDG_CACHE_HOME to a larger disk.", error)
        : new OmnibusException(id, ErrorKind.Storage, $"{what}: {error.Message}", path, inner: error);
}
