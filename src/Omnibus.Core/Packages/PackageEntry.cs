namespace Omnibus.Core.Packages;

/// <summary>What an entry of a package is.</summary>
public enum PackageEntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory that the package owns.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A second name for a file of the same package; <see cref="PackageEntry.LinkTarget"/> is that file's path in the package.</summary>
    HardLink,

    /// <summary>A file that the package owns but does not bring (rpm %ghost; nothing in a deb).</summary>
    Ghost,

    /// <summary>A device node or named pipe: found in other people's packages, never written.</summary>
    Special,
}

/// <summary>What a package manager should know about a file beyond its bytes.</summary>
[Flags]
public enum PackageEntryFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Configuration: an edited copy survives an upgrade.</summary>
    Config = 1,

    /// <summary>rpm: the edited copy stays in place and the new one is laid beside it. Debian always asks.</summary>
    NoReplace = 2,

    /// <summary>Documentation.</summary>
    Documentation = 4,

    /// <summary>A licence text.</summary>
    License = 8,

    /// <summary>May be missing at verification.</summary>
    MissingOk = 16,

    /// <summary>A readme.</summary>
    Readme = 32,

    /// <summary>Made by the build, not by people.</summary>
    Artifact = 64,

    /// <summary>On a <see cref="PackageEntryKind.Ghost"/> in a deb: a configuration file of former versions that goes away on upgrade (deb-conffiles(5)).</summary>
    RemoveOnUpgrade = 128,
}

/// <summary>Where the bytes of an entry come from. They are opened once or more, and streamed.</summary>
public interface IEntryContent
{
    /// <summary>The exact number of bytes.</summary>
    long Length { get; }

    /// <summary>Opens the bytes for reading, from the beginning. The caller disposes the stream.</summary>
    Stream OpenRead();
}

/// <summary>The bytes of a file on disk.</summary>
/// <param name="path">The file.</param>
/// <param name="length">Its size, for callers that know it already.</param>
public sealed class FileContent(string path, long length) : IEntryContent
{
    /// <summary>The bytes of a file whose size is looked up.</summary>
    public FileContent(string path)
        : this(path, new FileInfo(path).Length)
    {
    }

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public long Length { get; } = length;

    /// <inheritdoc/>
    public Stream OpenRead() => SourceFileStream.Open(Path);
}

/// <summary>Bytes in memory, for small generated files.</summary>
public sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : IEntryContent
{
    /// <summary>Text as UTF-8.</summary>
    public MemoryContent(string text)
        : this(System.Text.Encoding.UTF8.GetBytes(text))
    {
    }

    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public Stream OpenRead() => new MemoryStream(bytes.ToArray(), writable: false);
}

/// <summary>One path of a package.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Absolute path on the target, normalised: begins with <c>/</c>, no trailing <c>/</c>, no <c>.</c> or <c>..</c> part.</param>
public sealed record PackageEntry(PackageEntryKind Kind, string Path)
{
    /// <summary>Permission bits (twelve: with setuid, setgid and sticky).</summary>
    public int Mode { get; init; } = Kind == PackageEntryKind.Directory ? 0b111_101_101 : 0b110_100_100;

    /// <summary>Owner's name on the target.</summary>
    public string Owner { get; init; } = "root";

    /// <summary>Group's name on the target.</summary>
    public string Group { get; init; } = "root";

    /// <summary>Time of last change; writers clamp it to the definition's time stamp, and a deb takes that for the epoch (no time). Whole seconds, UTC.</summary>
    public DateTimeOffset ModifiedTime { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The bytes of a <see cref="PackageEntryKind.File"/>; null otherwise.</summary>
    public IEntryContent? Content { get; init; }

    /// <summary>Target of a symbolic link as it is written, or package path of a hard link's first name.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>What the package manager should know.</summary>
    public PackageEntryFlags Flags { get; init; }

    /// <summary>File capabilities in cap_to_text form (rpm only), or null.</summary>
    public string? Capabilities { get; init; }
}
