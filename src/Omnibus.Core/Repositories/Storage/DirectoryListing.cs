namespace Omnibus.Core.Repositories.Storage;

/// <summary>The files of a store in a folder, by key, without those in the making and the locks.</summary>
/// <param name="root">The folder.</param>
internal sealed class DirectoryListing(string root)
{
    private readonly string _staging = Path.Combine(root, RepositoryKeys.HiddenFolder, "staging");

    /// <summary>The files below a folder whose keys begin with a prefix.</summary>
    public IEnumerable<FileInfo> List(DirectoryInfo folder, string prefix)
    {
        if (!folder.Exists)
        {
            yield break;
        }

        FileSystemInfo[] entries = folder.GetFileSystemInfos();

        // By key: a folder sorts as its name with the slash that follows it.
        Array.Sort(entries, static (a, b) => string.CompareOrdinal(SortName(a), SortName(b)));
        foreach (FileSystemInfo entry in entries)
        {
            if (entry is DirectoryInfo child)
            {
                string key = Path.GetRelativePath(root, child.FullName) + "/";
                bool wanted = key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(key, StringComparison.Ordinal);
                if (!wanted || child.FullName == _staging || child.LinkTarget is not null)
                {
                    continue;
                }

                foreach (FileInfo file in List(child, prefix))
                {
                    yield return file;
                }
            }
            else if (entry is FileInfo file && Path.GetRelativePath(root, file.FullName).StartsWith(prefix, StringComparison.Ordinal)
                && file.Name is not (RepositoryKeys.LockName or RepositoryKeys.RemovalLockName))
            {
                yield return file;
            }
        }

        static string SortName(FileSystemInfo entry) => entry is DirectoryInfo ? entry.Name + "/" : entry.Name;
    }
}
