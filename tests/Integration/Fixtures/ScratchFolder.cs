using System.Diagnostics;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>A folder of a test, removed afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>Makes a folder with a unique name, readable by every user.</summary>
    public ScratchFolder(string? below = null)
    {
        Path = Directory.CreateDirectory(System.IO.Path.Combine(below ?? System.IO.Path.GetTempPath(), "omnibus-test-" + Guid.NewGuid().ToString("N")[..12])).FullName;
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>A path inside; folders on the way are made.</summary>
    public string PathOf(params string[] parts)
    {
        string path = System.IO.Path.Combine([Path, .. parts]);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes a text file inside.</summary>
    public string Write(string relative, string text)
    {
        string path = PathOf(relative.Split('/'));
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes a folder inside.</summary>
    public string Folder(params string[] parts) => Directory.CreateDirectory(System.IO.Path.Combine([Path, .. parts])).FullName;

    public void Dispose()
    {
        // rm also removes what other users or read-only folders hold.
        using var rm = Process.Start(new ProcessStartInfo("rm", ["-rf", "--", Path]));
        rm?.WaitForExit();
    }
}
