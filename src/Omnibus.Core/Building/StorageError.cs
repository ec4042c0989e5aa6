using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Building;

/// <summary>Errors of storage in the words of an admin.</summary>
internal static class StorageError
{
    /// <summary>An error for a failed write: <c>DiskFull</c>, or the given id.</summary>
    public static OmnibusException From(IOException error, string id, string path, string what) => ErrorNumbers.IsDiskFull(error)
        ? new OmnibusException("DiskFull", ErrorKind.Storage, $"{what}: the disk of {path} is full.", path, "Free some space, or set XDG_CACHE_HOME to a larger disk.", error)
        : new OmnibusException(id, ErrorKind.Storage, $"{what}: {error.Message}", path, inner: error);
}
