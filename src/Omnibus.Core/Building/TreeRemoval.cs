namespace Omnibus.Core.Building;

/// <summary>Removes a folder that a build made, read-only folders in it included (some tools keep their caches so).</summary>
internal static class TreeRemoval
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes a folder with everything below it, never following a link. A missing one is no error.</summary>
    public static void Remove(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            MakeWritable(new DirectoryInfo(path));
            Directory.Delete(path, recursive: true);
        }
    }

    private static void MakeWritable(DirectoryInfo folder)
    {
        if (folder.LinkTarget is not null)
        {
            return;
        }

        if ((folder.UnixFileMode & OwnerAll) != OwnerAll)
        {
            folder.UnixFileMode |= OwnerAll;
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            MakeWritable(child);
        }
    }
}
