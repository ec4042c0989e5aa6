using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Building;

/// <summary>Copies a source folder so that a build may write into the copy. The source is only read.</summary>
public static class SourceCopy
{
    // Caches that no build reads; they can be larger than the source. Version control is kept: a build backend may ask it for the version.
    private static readonly HashSet<string> s_left = new(StringComparer.Ordinal) { "__pycache__", ".tox", ".venv" };

    /// <summary>Copies a folder: files with their bytes and whether they are executable, links as links.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="target">Where to; it must not exist.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="OmnibusException"><c>SourceUnreadable</c>, <c>DiskFull</c>, <c>SourceCopyFailed</c>.</exception>
    public static void Copy(string source, string target, CancellationToken cancellationToken)
    {
        try
        {
            CopyFolder(new DirectoryInfo(source), target, cancellationToken);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("SourceUnreadable", ErrorKind.PermissionDenied, $"{source}: {e.Message}", source, inner: e);
        }
        catch (IOException e)
        {
            throw StorageError.From(e, "SourceCopyFailed", target, $"{source} could not be copied");
        }
    }

    private static void CopyFolder(DirectoryInfo source, string target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(target);
        foreach (FileSystemInfo entry in source.EnumerateFileSystemInfos())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string copy = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(copy, link);
            }
            else if (entry is DirectoryInfo folder)
            {
                if (!s_left.Contains(folder.Name))
                {
                    CopyFolder(folder, copy, cancellationToken);
                }
            }
            else if (entry is FileInfo { Attributes: var attributes } file && (attributes & FileAttributes.Device) == 0)
            {
                file.CopyTo(copy);
                UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
                File.SetUnixFileMode(copy, mode | ((file.UnixFileMode & UnixFileMode.UserExecute) != 0
                    ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
                    : 0));
            }
        }
    }
}
