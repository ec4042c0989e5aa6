using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages;

/// <summary>Writes a package file beside its place and then puts it there: nobody sees half a package, and one with other content stays unless it is to be replaced.</summary>
internal static class PackageFilePlacement
{
    private const int CompareBuffer = 64 * 1024;

    /// <summary>Writes.</summary>
    /// <param name="path">Absolute path of the package; its folder is made when it is missing.</param>
    /// <param name="replace">Whether a file with other content is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="OmnibusException"><c>PackageExists</c>, <c>PackageWriteFailed</c>.</exception>
    public static async Task WriteAsync(string path, bool replace, Func<FileStream, Task> write)
    {
        string folder = Path.GetDirectoryName(path)!;
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                await write(file).ConfigureAwait(false);
            }

            if (File.Exists(path) && !replace)
            {
                if (HaveSameBytes(path, temporary))
                {
                    return;
                }

                throw new OmnibusException(
                    "PackageExists",
                    ErrorKind.AlreadyExists,
                    $"{path} is there already, with other content.",
                    path,
                    "Raise the release number, remove the file, or use -Force.");
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OmnibusException(
                "PackageWriteFailed",
                e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage,
                $"{path} could not be written: {e.Message}",
                path,
                inner: e);
        }
        finally
        {
            // File.Delete minds a folder that is not there; what it would hide is the first error.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private static bool HaveSameBytes(string first, string second)
    {
        using FileStream a = File.OpenRead(first);
        using FileStream b = File.OpenRead(second);
        if (a.Length != b.Length)
        {
            return false;
        }

        byte[] left = new byte[CompareBuffer];
        byte[] right = new byte[CompareBuffer];
        int count;
        while ((count = a.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0)
        {
            if (b.ReadAtLeast(right, right.Length, throwOnEndOfStream: false) != count || !left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }
}
