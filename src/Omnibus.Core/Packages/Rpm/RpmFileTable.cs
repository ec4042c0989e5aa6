using System.Text;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>A file of a package to be written: what the header says of it.</summary>
internal sealed class RpmFile
{
    public required PackageEntry Entry { get; init; }

    /// <summary>Path in UTF-8: files are ordered by these bytes.</summary>
    public required byte[] SortKey { get; init; }

    /// <summary>The entry whose owner, permissions, time and bytes hold: for a hard link the first name's, as it is the same file.</summary>
    public required PackageEntry Original { get; set; }

    public int DirectoryIndex { get; set; }

    public required string BaseName { get; init; }

    /// <summary>Equal for all names of one file; never 0.</summary>
    public uint Inode { get; set; }

    public uint Links { get; set; } = 1;

    /// <summary>Whether the payload brings the data under this name: of several names the last one does.</summary>
    public bool BringsData { get; set; } = true;

    public ushort Mode { get; set; }

    public long Size { get; set; }

    /// <summary>Lower-case hex SHA-256, or empty for what is no regular file. Known once the payload is written.</summary>
    public string Digest { get; set; } = string.Empty;

    /// <summary>1 for 32-bit ELF, 2 for 64-bit ELF, else 0 (rpm chooses between files of two architectures by it). Known once the payload is written.</summary>
    public byte Color { get; set; }

    public uint ModifiedTime { get; set; }

    public bool IsRegular => Entry.Kind is PackageEntryKind.File or PackageEntryKind.HardLink;

    public bool IsInPayload => Entry.Kind != PackageEntryKind.Ghost;
}

/// <summary>The files of a package to be written, ordered bytewise by path as rpm's lookups need them.</summary>
internal sealed class RpmFileTable
{
    private const ushort TypeDirectory = 0x4000;
    private const ushort TypeRegular = 0x8000;
    private const ushort TypeSymbolicLink = 0xa000;

    private RpmFileTable(RpmFile[] files, List<string> directories)
    {
        Files = files;
        DirectoryNames = directories;
        UsesLongSizes = files.Any(f => f.Size > uint.MaxValue);
        long installed = 0;
        foreach (RpmFile file in files)
        {
            installed += file.BringsData && file.IsInPayload ? file.Size : 0;
        }

        InstalledSize = installed;
        PayloadOrder = OrderPayload();
        PayloadSize = MeasurePayload();
    }

    public RpmFile[] Files { get; }

    /// <summary>Every directory part that occurs, each with its final slash.</summary>
    public IReadOnlyList<string> DirectoryNames { get; }

    /// <summary>Whether a file passes 4 GiB: sizes are then 64-bit numbers and the payload takes the stripped form.</summary>
    public bool UsesLongSizes { get; }

    /// <summary>
    /// Indexes of the files in the order of the payload: as in the header, but all names of one file stand together, where the first
    /// of them would. rpm links them while it unpacks (lib/fsm.cc) and takes a file between them for one more name.
    /// </summary>
    public IReadOnlyList<int> PayloadOrder { get; }

    /// <summary>Bytes when installed; the names of one file count once.</summary>
    public long InstalledSize { get; }

    /// <summary>Exact length of the uncompressed payload.</summary>
    public long PayloadSize { get; }

    public bool HasHardLinks => Files.Any(f => f.Links > 1);

    /// <summary>Orders a checked definition's entries.</summary>
    public static RpmFileTable Create(PackageDefinition definition)
    {
        long newest = definition.Timestamp.ToUnixTimeSeconds();
        var files = new RpmFile[definition.Entries.Count];
        for (int i = 0; i < files.Length; i++)
        {
            files[i] = CreateFile(definition.Entries[i], newest);
        }

        Array.Sort(files, (a, b) => a.SortKey.AsSpan().SequenceCompareTo(b.SortKey));
        LinkNames(files);

        var directories = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (RpmFile file in files)
        {
            string directory = file.Entry.Path[..(file.Entry.Path.LastIndexOf('/') + 1)];
            if (!known.TryGetValue(directory, out int index))
            {
                known.Add(directory, index = directories.Count);
                directories.Add(directory);
            }

            file.DirectoryIndex = index;
        }

        return new RpmFileTable(files, directories);
    }

    /// <summary>The payload's member for a file.</summary>
    public CpioEntry CpioEntryOf(int index)
    {
        RpmFile file = Files[index];
        return new CpioEntry
        {
            Name = UsesLongSizes ? null : "." + file.Entry.Path,
            Index = index,
            Inode = file.Inode,
            Mode = file.Mode,
            Links = file.Links,
            ModifiedTime = file.ModifiedTime,
            Size = DataLength(file),
        };
    }

    /// <summary>Bytes that a file brings to the payload.</summary>
    public static long DataLength(RpmFile file) => file.BringsData ? file.Size : 0;

    private static RpmFile CreateFile(PackageEntry entry, long newest)
    {
        ushort type = entry.Kind switch
        {
            PackageEntryKind.Directory => TypeDirectory,
            PackageEntryKind.SymbolicLink => TypeSymbolicLink,
            _ => TypeRegular,
        };

        // A symbolic link has no permissions of its own; rpmbuild finds 0777 on disk.
        int mode = entry.Kind == PackageEntryKind.SymbolicLink ? 0x1ff : entry.Mode & 0xfff;
        return new RpmFile
        {
            Entry = entry,
            Original = entry,
            SortKey = Encoding.UTF8.GetBytes(entry.Path),
            BaseName = entry.Path[(entry.Path.LastIndexOf('/') + 1)..],
            Mode = (ushort)(type | mode),
            Size = entry.Kind switch
            {
                PackageEntryKind.File => entry.Content!.Length,
                PackageEntryKind.SymbolicLink => Encoding.UTF8.GetByteCount(entry.LinkTarget!),
                _ => 0,
            },
            ModifiedTime = (uint)Math.Clamp(entry.ModifiedTime.ToUnixTimeSeconds(), 0, newest),
        };
    }

    // All names of one file get one inode, and the last of them brings the data (rpm's lib/fsm.cc creates the others as links to it).
    private static void LinkNames(RpmFile[] files)
    {
        for (int i = 0; i < files.Length; i++)
        {
            files[i].Inode = (uint)i + 1;
        }

        var byPath = new Dictionary<string, RpmFile>(StringComparer.Ordinal);
        foreach (RpmFile file in files.Where(f => f.Entry.Kind == PackageEntryKind.File))
        {
            byPath.Add(file.Entry.Path, file);
        }

        var sets = new Dictionary<uint, List<RpmFile>>();
        foreach (RpmFile file in files.Where(f => f.Entry.Kind == PackageEntryKind.HardLink))
        {
            RpmFile first = byPath[file.Entry.LinkTarget!];
            if (!sets.TryGetValue(first.Inode, out List<RpmFile>? set))
            {
                sets.Add(first.Inode, set = [first]);
            }

            set.Add(file);
            file.Original = first.Entry;
            file.Size = first.Size;
            file.Mode = first.Mode;
            file.ModifiedTime = first.ModifiedTime;
        }

        foreach (List<RpmFile> set in sets.Values)
        {
            set.Sort((a, b) => a.Inode.CompareTo(b.Inode));
            uint inode = set[0].Inode;
            for (int i = 0; i < set.Count; i++)
            {
                set[i].Inode = inode;
                set[i].Links = (uint)set.Count;
                set[i].BringsData = i == set.Count - 1;
            }
        }
    }

    private List<int> OrderPayload()
    {
        var sets = new Dictionary<uint, List<int>>();
        for (int i = 0; i < Files.Length; i++)
        {
            if (Files[i].Links > 1)
            {
                if (!sets.TryGetValue(Files[i].Inode, out List<int>? set))
                {
                    sets.Add(Files[i].Inode, set = []);
                }

                set.Add(i);
            }
        }

        var order = new List<int>(Files.Length);
        for (int i = 0; i < Files.Length; i++)
        {
            RpmFile file = Files[i];
            if (file.Links > 1)
            {
                if (sets.Remove(file.Inode, out List<int>? set))
                {
                    order.AddRange(set);
                }
            }
            else if (file.IsInPayload)
            {
                order.Add(i);
            }
        }

        return order;
    }

    private long MeasurePayload()
    {
        long size = CpioFormat.MeasureHeader(CpioFormat.TrailerName);
        foreach (int index in PayloadOrder)
        {
            long data = DataLength(Files[index]);
            size += UsesLongSizes ? CpioFormat.StrippedLength : CpioFormat.MeasureHeader("." + Files[index].Entry.Path);
            size += data + CpioFormat.Padding(data);
        }

        return size;
    }
}
