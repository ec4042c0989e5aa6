using System.Collections.Concurrent;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>The folders of a store in a folder: made as they are needed, removed when they are empty, with modes that web servers and groups can live with.</summary>
internal sealed class StoreFolders
{
    private readonly string _root;
    private readonly UnixFileMode _folderMode;
    private readonly ConcurrentDictionary<string, byte> _made = new(StringComparer.Ordinal);

    /// <summary>Looks at the root.</summary>
    public StoreFolders(string root)
    {
        _root = root;

        // Web servers must be able to read what is published, whatever our umask; a folder that a group may write stays so.
        UnixFileMode mode = File.GetUnixFileMode(root);
        UnixFileMode group = mode & UnixFileMode.GroupWrite;
        FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | group;
        _folderMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | (mode & UnixFileMode.SetGroup);
    }

    /// <summary>Mode of published files.</summary>
    public UnixFileMode FileMode { get; }

    /// <summary>Mode of files that are nobody's business.</summary>
    public UnixFileMode HiddenFileMode => FileMode & ~UnixFileMode.OtherRead;

    /// <summary>Folder of files in the making.</summary>
    public string Staging => Path.Combine(Hidden(), "staging");

    /// <summary>The folder of hidden state, made when missing.</summary>
    public string Hidden()
    {
        string folder = Path.Combine(_root, RepositoryKeys.HiddenFolder);
        if (!_made.ContainsKey(folder))
        {
            UnixFileMode mode = _folderMode & ~(UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            Directory.CreateDirectory(folder, mode);
            _made.TryAdd(folder, 0);
        }

        return folder;
    }

    /// <summary>Makes a folder of the store with those above it.</summary>
    /// <returns>The folder.</returns>
    public string Make(string folder)
    {
        if (!_made.ContainsKey(folder))
        {
            if (folder.StartsWith(Path.Combine(_root, RepositoryKeys.HiddenFolder), StringComparison.Ordinal))
            {
                Hidden();
            }

            if (folder.Length > _root.Length)
            {
                Make(Path.GetDirectoryName(folder)!);
                if (SystemCalls.MakeFolder(folder, _folderMode))
                {
                    // The umask may have taken bits; a folder of a group hands its group down.
                    File.SetUnixFileMode(folder, _folderMode);
                }
            }

            _made.TryAdd(folder, 0);
        }

        return folder;
    }

    /// <summary>Does something with a path whose folder must be there. Another process may remove an empty folder between our making it and our using it.</summary>
    public void With(string target, Action place)
    {
        string folder = Path.GetDirectoryName(target)!;
        for (int attempt = 1; ; attempt++)
        {
            Make(folder);
            try
            {
                place();
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < 5)
            {
                _made.Clear();
            }
        }
    }

    /// <summary>Removes the folders above a path that are empty now.</summary>
    public void RemoveEmptyAbove(string path)
    {
        for (string folder = Path.GetDirectoryName(path)!; folder.Length > _root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            _made.TryRemove(folder, out _);
            try
            {
                if (folder == Path.Combine(_root, RepositoryKeys.HiddenFolder) && Directory.Exists(Staging))
                {
                    _made.TryRemove(Staging, out _);
                    Directory.Delete(Staging);
                }

                Directory.Delete(folder);
            }
            catch (IOException)
            {
                return;
            }
        }
    }
}
