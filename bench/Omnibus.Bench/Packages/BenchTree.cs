using System.Globalization;

namespace Omnibus.Bench.Packages;

/// <summary>A tree of about 230 MB in 8,000 files, copied from the installed system: the same files on the same system.</summary>
internal static class BenchTree
{
    private const int FileCount = 8000;
    private const long TargetSize = 230_000_000;
    private const int TopUpStride = 97; // No divisor of the count: each file has its turn once.
    private const long LargestFile = 16 * 1024 * 1024;

    /// <summary>Makes the tree below a folder.</summary>
    /// <returns>Number of files and their bytes.</returns>
    public static (int Count, long Bytes) Create(string folder)
    {
        List<FileInfo> all = Installed();
        if (all.Count < FileCount)
        {
            throw new InvalidOperationException($"The installed system has only {all.Count} usable files below /usr; {FileCount} are needed.");
        }

        // Files spread evenly over the sorted list.
        var chosen = new List<FileInfo>(FileCount);
        long total = 0;
        double step = (double)all.Count / FileCount;
        for (int i = 0; i < FileCount; i++)
        {
            // The first file of each step that leaves room: what is used up so far must stay near the share of the steps so far.
            long allowed = (TargetSize * (i + 1) / FileCount) - total + (TargetSize / 20);
            int at = (int)(i * step);
            int end = Math.Min(all.Count, (int)((i + 1) * step));
            FileInfo best = all[at];
            for (int j = at + 1; j < end && best.Length > allowed; j++)
            {
                best = all[j].Length < best.Length ? all[j] : best;
            }

            chosen.Add(best);
            total += best.Length;
        }

        // What is lacking still comes as larger neighbours of some of them.
        for (int i = 0; i < FileCount && total < TargetSize * 99 / 100; i++)
        {
            int at = (int)((long)i * TopUpStride % FileCount);
            int end = Math.Min(all.Count, (int)((at + 1) * step));
            for (int j = (int)(at * step); j < end; j++)
            {
                long more = all[j].Length - chosen[at].Length;
                if (more > 0 && total + more <= TargetSize)
                {
                    total += more;
                    chosen[at] = all[j];
                }
            }
        }

        foreach (FileInfo file in chosen)
        {
            string target = Path.Combine(folder, file.FullName.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file.FullName, target);
            File.SetUnixFileMode(target, (UnixFileMode)((int)file.UnixFileMode & 0b111_101_101) | UnixFileMode.UserWrite | UnixFileMode.UserRead);
            File.SetLastWriteTimeUtc(target, DateTime.UnixEpoch.AddSeconds(1_700_000_000));
        }

        return (chosen.Count, total);
    }

    /// <summary>Installed size in KiB, for the control file of dpkg-deb.</summary>
    public static string InstalledSize(long bytes) => (bytes / 1024).ToString(CultureInfo.InvariantCulture);

    private static List<FileInfo> Installed()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = new List<FileInfo>();
        foreach (string part in new[] { "/usr/bin", "/usr/lib", "/usr/share", "/usr/include" })
        {
            if (Directory.Exists(part))
            {
                files.AddRange(new DirectoryInfo(part).EnumerateFiles("*", options).Where(Usable));
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return files;
    }

    private static bool Usable(FileInfo file) =>
        file.Length is > 0 and <= LargestFile
        && file.FullName.All(c => c is > ' ' and < '\x7F' and not ('%' or '[' or ']' or '{' or '}' or '*' or '?' or '\\' or '"' or '\''))
        && file.UnixFileMode.HasFlag(UnixFileMode.OtherRead);
}
