using Omnibus.Core.Building;

namespace Omnibus.Core.Python.Checks;

/// <summary>A file of an environment.</summary>
/// <param name="Path">Relative to the environment, parts joined by <c>/</c>.</param>
/// <param name="HostPath">Where it lies on the build machine.</param>
/// <param name="LinkTarget">Target of a symbolic link, or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsExecutable">Whether its owner may run it.</param>
public sealed record EnvironmentFile(string Path, string HostPath, string? LinkTarget, long Size, bool IsExecutable)
{
    /// <summary>Last part of the path.</summary>
    public string Name => System.IO.Path.GetFileName(Path);
}

/// <summary>What the checks look at: the files of an environment, listed once.</summary>
public sealed class EnvironmentScan
{
    private readonly Dictionary<string, EnvironmentFile> _byPath;

    /// <summary>Lists an environment.</summary>
    /// <param name="spec">What it was made from.</param>
    /// <param name="hostPath">Its folder on the build machine.</param>
    /// <param name="stagingPaths">Paths that exist only while it is built: no byte of it may name them.</param>
    public EnvironmentScan(PythonEnvironmentSpec spec, string hostPath, IReadOnlyList<string> stagingPaths)
    {
        Spec = spec;
        HostPath = hostPath;
        StagingPaths = stagingPaths;
        var files = new List<EnvironmentFile>();
        List(new DirectoryInfo(hostPath), string.Empty, files);
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        Files = files;
        _byPath = files.ToDictionary(f => f.Path, StringComparer.Ordinal);
    }

    /// <summary>What it was made from.</summary>
    public PythonEnvironmentSpec Spec { get; }

    /// <summary>Its folder on the build machine.</summary>
    public string HostPath { get; }

    /// <summary>Paths that may not occur in it.</summary>
    public IReadOnlyList<string> StagingPaths { get; }

    /// <summary>Every file and link, sorted by path. Folders are left out.</summary>
    public IReadOnlyList<EnvironmentFile> Files { get; }

    /// <summary>What <c>pip check</c> complains of, one line a distribution.</summary>
    public IReadOnlyList<string> PipCheck { get; init; } = [];

    /// <summary>A file by its path in the environment, or null.</summary>
    public EnvironmentFile? Find(string path) => _byPath.GetValueOrDefault(path);

    private static void List(DirectoryInfo folder, string prefix, List<EnvironmentFile> files)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            string path = prefix + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                files.Add(new EnvironmentFile(path, entry.FullName, target, 0, false));
            }
            else if (entry is DirectoryInfo child)
            {
                List(child, path + "/", files);
            }
            else
            {
                files.Add(new EnvironmentFile(path, entry.FullName, null, ((FileInfo)entry).Length, (entry.UnixFileMode & UnixFileMode.UserExecute) != 0));
            }
        }
    }
}
