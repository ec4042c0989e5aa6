namespace Omnibus.Core.Packages.Deb;

/// <summary>One entry of data.tar.</summary>
/// <param name="Entry">Mode, owner, time and content; its path is <see cref="Path"/>, its kind <see cref="Kind"/>.</param>
/// <param name="Path">Absolute path; <c>/</c> for the root.</param>
/// <param name="Kind">What it is in this archive; of a set of hard links the first path is the file.</param>
/// <param name="LinkTarget">Target of a link; of a hard link the absolute path of the file.</param>
internal sealed record DebPayloadItem(PackageEntry Entry, string Path, PackageEntryKind Kind, string? LinkTarget)
{
    /// <summary>dpkg protects an edited copy of it.</summary>
    public bool IsConffile { get; init; }

    /// <summary>Other paths of the archive are hard links to it.</summary>
    public bool HasHardLinks { get; init; }
}

/// <summary>
/// What data.tar will hold, in the order of the archive: every parent folder, each path once, sorted bytewise so that folders come before
/// what is in them; the changelog and the copyright file where Debian wants them.
/// </summary>
internal sealed class DebPayload
{
    private DebPayload(IReadOnlyList<DebPayloadItem> items, long installedSize, IReadOnlyList<string> removedConffiles)
    {
        Items = items;
        InstalledSize = installedSize;
        RemovedConffiles = removedConffiles;
    }

    /// <summary>Entries in order, the root first.</summary>
    public IReadOnlyList<DebPayloadItem> Items { get; }

    /// <summary>Installed-Size in KiB by the rule of dpkg-gencontrol: files and symbolic links rounded up, 1 for anything else, hard links counted once.</summary>
    public long InstalledSize { get; }

    /// <summary>Configuration files of former versions that are to go away.</summary>
    public IReadOnlyList<string> RemovedConffiles { get; }

    /// <summary>Lays a definition out. It has passed <see cref="DebRules"/>.</summary>
    public static DebPayload Create(PackageDefinition definition)
    {
        var entries = new Dictionary<string, PackageEntry>(definition.Entries.Count + 64, StringComparer.Ordinal);
        var removed = new List<string>();
        foreach (PackageEntry entry in definition.Entries)
        {
            if (entry.Kind != PackageEntryKind.Ghost)
            {
                entries.Add(entry.Path, entry);
            }
            else if (entry.Flags.HasFlag(PackageEntryFlags.RemoveOnUpgrade))
            {
                removed.Add(entry.Path);
            }
        }

        foreach (PackageEntry entry in DebDocumentation.Create(definition))
        {
            entries.TryAdd(entry.Path, entry);
        }

        AddParents(entries, definition.Timestamp);
        string[] paths = [.. entries.Keys];
        Array.Sort(paths, paths.Any(HasSurrogates) ? CompareBytewise : string.CompareOrdinal);
        removed.Sort(string.CompareOrdinal);

        var root = new PackageEntry(PackageEntryKind.Directory, "/") { ModifiedTime = definition.Timestamp };
        var items = new List<DebPayloadItem>(paths.Length + 1) { new(root, "/", PackageEntryKind.Directory, null) };
        Dictionary<string, string> firstOfLinks = FirstPathOfLinkSets(entries, paths);
        long size = 1;
        foreach (string path in paths)
        {
            PackageEntry entry = entries[path];
            DebPayloadItem item = ToItem(entry, entries, firstOfLinks);
            items.Add(item.Kind == PackageEntryKind.File && entry.Flags.HasFlag(PackageEntryFlags.Config) ? item with { IsConffile = true } : item);
            size += item.Kind switch
            {
                PackageEntryKind.File => ToKibibytes(item.Entry.Content!.Length),
                PackageEntryKind.SymbolicLink => ToKibibytes(System.Text.Encoding.UTF8.GetByteCount(item.LinkTarget!)),
                PackageEntryKind.HardLink => 0,
                _ => 1,
            };
        }

        return new DebPayload(items, size, removed);
    }

    private static long ToKibibytes(long size) => (size + 1023) / 1024;

    private static void AddParents(Dictionary<string, PackageEntry> entries, DateTimeOffset time)
    {
        foreach (string path in entries.Keys.ToArray())
        {
            for (string parent = PackageEntryRules.ParentOf(path); parent.Length > 0; parent = PackageEntryRules.ParentOf(parent))
            {
                if (!entries.TryAdd(parent, new PackageEntry(PackageEntryKind.Directory, parent) { ModifiedTime = time }))
                {
                    break;
                }
            }
        }
    }

    // A hard link can only follow its file in the archive, so the first path of a set becomes the file.
    private static Dictionary<string, string> FirstPathOfLinkSets(Dictionary<string, PackageEntry> entries, string[] sortedPaths)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (PackageEntry link in entries.Values)
        {
            if (link.Kind == PackageEntryKind.HardLink)
            {
                first[link.LinkTarget!] = string.Empty;
            }
        }

        if (first.Count > 0)
        {
            foreach (string path in sortedPaths)
            {
                PackageEntry entry = entries[path];
                string file = entry.Kind == PackageEntryKind.HardLink ? entry.LinkTarget! : path;
                if (first.TryGetValue(file, out string? known) && known.Length == 0)
                {
                    first[file] = path;
                }
            }
        }

        return first;
    }

    private static DebPayloadItem ToItem(PackageEntry entry, Dictionary<string, PackageEntry> entries, Dictionary<string, string> firstOfLinks)
    {
        string file = entry.Kind == PackageEntryKind.HardLink ? entry.LinkTarget! : entry.Path;
        if (entry.Kind is PackageEntryKind.File or PackageEntryKind.HardLink && firstOfLinks.TryGetValue(file, out string? first))
        {
            // All names of a set share the inode's mode, owner and time.
            PackageEntry inode = entries[file];
            return first == entry.Path
                ? new DebPayloadItem(inode, entry.Path, PackageEntryKind.File, null) { HasHardLinks = true }
                : new DebPayloadItem(inode, entry.Path, PackageEntryKind.HardLink, first);
        }

        return new DebPayloadItem(entry, entry.Path, entry.Kind, entry.LinkTarget);
    }

    private static bool HasSurrogates(string path)
    {
        foreach (char c in path)
        {
            if (c >= 0xD800)
            {
                return true;
            }
        }

        return false;
    }

    // UTF-16 order differs from UTF-8 order only from U+E000 on and for surrogates; bytes are what the archive holds.
    private static int CompareBytewise(string a, string b)
    {
        int common = a.AsSpan().CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
        {
            return a.Length - b.Length;
        }

        char x = a[common];
        char y = b[common];
        return x < 0xD800 || y < 0xD800 ? x - y : CompareCodePoints(a, b, common);
    }

    private static int CompareCodePoints(string a, string b, int at)
    {
        bool x = char.IsSurrogate(a[at]);
        bool y = char.IsSurrogate(b[at]);
        return x == y ? a[at] - b[at] : x ? 1 : -1;
    }
}
