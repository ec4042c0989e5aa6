using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The files of a package as the metadata list them: paths as bytes and what they are.</summary>
internal readonly ref struct PackageFileNames
{
    private const int TypeMask = 0xf000;
    private const int TypeDirectory = 0x4000;

    private readonly RpmNumbers _modes;
    private readonly RpmNumbers _flags;

    /// <summary>Reads the list.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>.</exception>
    public PackageFileNames(RpmHeader header)
    {
        _modes = header.GetNumbers(RpmTag.FileModes);
        _flags = header.GetNumbers(RpmTag.FileFlags);
        Paths = ReadPaths(header);
    }

    /// <summary>Whole paths.</summary>
    public byte[][] Paths { get; }

    /// <summary>The attribute that says what a file is, with its leading blank; empty for an ordinary file.</summary>
    public ReadOnlySpan<byte> TypeOf(int index) =>
        (_modes.At(index) & TypeMask) == TypeDirectory ? " type=\"dir\""u8
        : ((RpmFileFlags)_flags.At(index)).HasFlag(RpmFileFlags.Ghost) ? " type=\"ghost\""u8
        : default;

    /// <summary>Whether a path stands in primary, where clients look for it without loading the list of all files.</summary>
    public static bool IsPrimary(ReadOnlySpan<byte> path) =>
        path.StartsWith("/etc/"u8) || path.SequenceEqual("/usr/lib/sendmail"u8) || path.IndexOf("bin/"u8) >= 0;

    private static byte[][] ReadPaths(RpmHeader header)
    {
        var paths = new List<byte[]>(Math.Min(header.Count(RpmTag.BaseNames), 65536));
        if (!header.Has(RpmTag.BaseNames))
        {
            foreach (ReadOnlySpan<byte> path in header.GetStrings(RpmTag.OldFileNames))
            {
                paths.Add(path.ToArray());
            }

            return [.. paths];
        }

        var directories = new List<byte[]>();
        foreach (ReadOnlySpan<byte> directory in header.GetStrings(RpmTag.DirNames))
        {
            directories.Add(directory.ToArray());
        }

        RpmNumbers indexes = header.GetNumbers(RpmTag.DirIndexes);
        foreach (ReadOnlySpan<byte> name in header.GetStrings(RpmTag.BaseNames))
        {
            long index = indexes.At(paths.Count, -1);
            if (index < 0 || index >= directories.Count)
            {
                throw RpmErrors.Unreadable(header.Item, "a file of its list lies in no directory");
            }

            byte[] directory = directories[(int)index];
            byte[] path = new byte[directory.Length + name.Length];
            directory.CopyTo(path, 0);
            name.CopyTo(path.AsSpan(directory.Length));
            paths.Add(path);
        }

        return [.. paths];
    }
}
