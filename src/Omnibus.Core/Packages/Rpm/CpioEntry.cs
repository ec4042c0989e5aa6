namespace Omnibus.Core.Packages.Rpm;

/// <summary>One member of a cpio archive of the "new ASCII" format, or of rpm's stripped form of it (rpm's docs/manual/large_files.md).</summary>
internal readonly record struct CpioEntry
{
    /// <summary>Path as it stands in the archive, <c>./usr/bin/x</c>; null in the stripped form.</summary>
    public string? Name { get; init; }

    /// <summary>Index of the file in the package's header; -1 in the plain form, which says everything itself.</summary>
    public int Index { get; init; }

    /// <summary>Inode number: equal ones are hard links.</summary>
    public uint Inode { get; init; }

    /// <summary>Type and permission bits.</summary>
    public uint Mode { get; init; }

    /// <summary>Number of links.</summary>
    public uint Links { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public uint ModifiedTime { get; init; }

    /// <summary>Bytes of data that follow; -1 when only the header knows (stripped form).</summary>
    public long Size { get; init; }
}
