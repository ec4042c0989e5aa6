namespace Omnibus.Core.Packages.Rpm;

/// <summary>Reads the files that a header lists.</summary>
internal static class RpmFileList
{
    private const int TypeMask = 0xf000;
    private const int TypeDirectory = 0x4000;
    private const int TypeSymbolicLink = 0xa000;

    /// <summary>All files, in the header's order.</summary>
    public static List<PackageFileEntry> Read(RpmHeader header)
    {
        string[] paths = ReadPaths(header);
        string[] owners = header.GetStringArray(RpmTag.FileUserName);
        string[] groups = header.GetStringArray(RpmTag.FileGroupName);
        string[] links = header.GetStringArray(RpmTag.FileLinkTos);
        string[] digests = header.GetStringArray(RpmTag.FileDigests);
        RpmNumbers modes = header.GetNumbers(RpmTag.FileModes);
        RpmNumbers times = header.GetNumbers(RpmTag.FileMtimes);
        RpmNumbers flags = header.GetNumbers(RpmTag.FileFlags);
        RpmNumbers inodes = header.GetNumbers(RpmTag.FileInodes);
        RpmNumbers devices = header.GetNumbers(RpmTag.FileDevices);
        RpmNumbers sizes = header.Has(RpmTag.LongFileSizes) ? header.GetNumbers(RpmTag.LongFileSizes) : header.GetNumbers(RpmTag.FileSizes);

        var firstNames = new Dictionary<(long, long), string>();
        var files = new List<PackageFileEntry>(paths.Length);
        for (int i = 0; i < paths.Length; i++)
        {
            int mode = (int)modes.At(i);
            var rpmFlags = (RpmFileFlags)flags.At(i);
            PackageEntryKind kind = KindOf(mode, rpmFlags);
            string? link = kind == PackageEntryKind.SymbolicLink ? At(links, i) : null;
            if (kind == PackageEntryKind.File && !firstNames.TryAdd((devices.At(i), inodes.At(i, i)), paths[i]))
            {
                kind = PackageEntryKind.HardLink;
                link = firstNames[(devices.At(i), inodes.At(i, i))];
            }

            string digest = At(digests, i);
            files.Add(new PackageFileEntry(
                kind,
                paths[i],
                mode & 0xfff,
                Math.Max(sizes.At(i), 0),
                At(owners, i, "root"),
                At(groups, i, "root"),
                DateTimeOffset.FromUnixTimeSeconds(times.At(i)),
                link,
                digest.Length > 0 ? digest : null,
                FlagsOf(rpmFlags)));
        }

        return files;
    }

    /// <summary>Whole paths of all files: directory and base name joined, or as rpm 3 kept them.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>: a directory index points nowhere.</exception>
    public static string[] ReadPaths(RpmHeader header)
    {
        if (!header.Has(RpmTag.BaseNames))
        {
            return header.GetStringArray(RpmTag.OldFileNames);
        }

        string[] names = header.GetStringArray(RpmTag.BaseNames);
        string[] directories = header.GetStringArray(RpmTag.DirNames);
        RpmNumbers indexes = header.GetNumbers(RpmTag.DirIndexes);
        for (int i = 0; i < names.Length; i++)
        {
            long directory = indexes.At(i, -1);
            names[i] = directory >= 0 && directory < directories.Length
                ? directories[directory] + names[i]
                : throw RpmErrors.Unreadable(header.Item, "a file of its list lies in no directory");
        }

        return names;
    }

    private static PackageEntryKind KindOf(int mode, RpmFileFlags flags) => (mode & TypeMask) switch
    {
        TypeDirectory => PackageEntryKind.Directory,
        _ when flags.HasFlag(RpmFileFlags.Ghost) => PackageEntryKind.Ghost,
        TypeSymbolicLink => PackageEntryKind.SymbolicLink,
        _ => PackageEntryKind.File,
    };

    private static PackageEntryFlags FlagsOf(RpmFileFlags flags)
    {
        PackageEntryFlags result = PackageEntryFlags.None;
        foreach ((PackageEntryFlags flag, RpmFileFlags rpm) in RpmHeaderComposer.FlagPairs)
        {
            result |= (flags & rpm) == rpm ? flag : PackageEntryFlags.None;
        }

        return result;
    }

    private static string At(string[] values, int index, string missing = "") => index < values.Length ? values[index] : missing;
}
