using System.Runtime.InteropServices;

namespace Omnibus.Core.Vms.State;

/// <summary>A second name for a file: a machine's base image stays even when the cache is emptied.</summary>
internal static partial class HardLink
{
    /// <summary>Links a file, or points to it where the file system or the owner does not allow a link.</summary>
    public static void Create(string existing, string path)
    {
        if (Link(existing, path) != 0)
        {
            File.CreateSymbolicLink(path, Path.GetFullPath(existing));
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}
