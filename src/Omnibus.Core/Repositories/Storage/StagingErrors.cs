using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>The errors of files in the making. A full disk and one that cannot be written have the same ids as where files are published: whoever meets them must do the same.</summary>
internal static class StagingErrors
{
    /// <summary><c>StoreFull</c>, <c>StoreAccessDenied</c>, or <c>StagingFailed</c> for whatever else keeps a file from being written.</summary>
    public static OmnibusException From(Exception error, string path) => error switch
    {
        _ when ErrorNumbers.IsDiskFull(error) => new OmnibusException("StoreFull", ErrorKind.Storage, $"{path}: no room left on the disk.", path, "Free some space; what is published is untouched.", error),
        _ when error is UnauthorizedAccessException || ErrorNumbers.IsReadOnly(error) => new OmnibusException(
            "StoreAccessDenied",
            ErrorKind.PermissionDenied,
            $"{path} cannot be written: {error.Message}",
            path,
            "Check the owner and the permissions of the folder, and whether its file system is mounted read-only.",
            error),
        _ => new OmnibusException("StagingFailed", ErrorKind.Storage, $"{path} cannot be written: {error.Message}", path, inner: error),
    };
}
