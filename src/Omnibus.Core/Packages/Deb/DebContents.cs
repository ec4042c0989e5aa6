using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>What is done with a package's data.tar.</summary>
internal enum DebDataReading
{
    /// <summary>It is passed over unread.</summary>
    Skip,

    /// <summary>It is decompressed and read to its end, so that damage is found; nothing is kept. What is compressed in a way that Omnibus does not read is passed over.</summary>
    Check,

    /// <summary>Its entries are kept.</summary>
    List,
}

/// <summary>
/// What lies in a .deb, read in one pass from a stream that need not seek (deb(5)). Input is not trusted: every length has a limit, memory
/// does not grow with the payload, and whatever is wrong is an <see cref="InvalidDataException"/> that says what.
/// </summary>
internal sealed class DebContents
{
    private const int ControlLimit = ControlStanza.MaximumLength;
    private const int ControlFileLimit = 64 * 1024 * 1024;
    private const long ControlArchiveLimit = 256L * 1024 * 1024;
    private const int EntryLimit = 4_000_000;

    private static readonly HashSet<string> s_controlFiles = new(StringComparer.Ordinal)
    {
        "conffiles", "md5sums", "triggers", "preinst", "postinst", "prerm", "postrm", "config",
    };

    private readonly Dictionary<string, byte[]> _controlFiles = new(StringComparer.Ordinal);

    private DebContents()
    {
    }

    /// <summary>The control file, as it is.</summary>
    public byte[] Control { get; private set; } = [];

    /// <summary>The entries of data.tar without the root, with absolute names; empty when they were not asked for.</summary>
    public List<TarStreamEntry> Data { get; } = [];

    /// <summary>Another file of control.tar as text, or null. Empty when they were not asked for.</summary>
    public string? ControlFile(string name) => _controlFiles.TryGetValue(name, out byte[]? bytes) ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Reads a package.</summary>
    /// <param name="stream">The package, from its first byte. It is read to the end of what is needed, not further.</param>
    /// <param name="data">What is done with data.tar.</param>
    /// <param name="controlFiles">Whether the other files of control.tar are wanted.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">It is no deb, or damaged, or breaks a limit.</exception>
    public static DebContents Read(Stream stream, DebDataReading data, bool controlFiles, CancellationToken cancellationToken)
    {
        try
        {
            var contents = new DebContents();
            contents.ReadMembers(new ArReader(stream), data, controlFiles, cancellationToken);
            return contents;
        }
        catch (OmnibusException e) when (e.Id is "CompressedDataInvalid" or "CompressionMemoryExceeded")
        {
            throw new InvalidDataException(e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>An absolute path from a name in data.tar.</summary>
    /// <returns>Null for the root itself.</returns>
    /// <exception cref="InvalidDataException">The name leaves the root.</exception>
    internal static string? ToPath(string name)
    {
        // The common case costs one new string: "./usr/bin/x" or "./usr/bin/".
        ReadOnlySpan<char> rest = name.AsSpan();
        rest = rest is "." ? [] : rest.StartsWith("./") ? rest[1..] : rest;
        if (!rest.Contains("/.", StringComparison.Ordinal) && !rest.Contains("//", StringComparison.Ordinal) && rest.StartsWith("/"))
        {
            rest = rest.TrimEnd('/');
            return rest.IsEmpty ? null : rest.ToString();
        }

        var path = new StringBuilder(name.Length);
        foreach (Range range in rest.Split('/'))
        {
            ReadOnlySpan<char> part = rest[range];
            if (part is "..")
            {
                throw new InvalidDataException("a path in it leaves the root");
            }

            if (!part.IsEmpty && part is not ".")
            {
                path.Append('/').Append(part);
            }
        }

        return path.Length == 0 ? null : path.ToString();
    }

    private void ReadMembers(ArReader archive, DebDataReading data, bool controlFiles, CancellationToken cancellationToken)
    {
        ReadVersion(archive);
        bool hasControl = false;
        while (archive.Next() is { } member)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (member.Name.StartsWith('_'))
            {
                continue; // deb(5): such members may be ignored.
            }

            if (!hasControl)
            {
                if (!member.Name.StartsWith("control.tar", StringComparison.Ordinal))
                {
                    throw new InvalidDataException($"its member '{member.Name}' stands where control.tar must be");
                }

                ReadControl(archive.CurrentContent, Kind(member.Name, "control.tar"), controlFiles);
                hasControl = true;
                continue;
            }

            if (!member.Name.StartsWith("data.tar", StringComparison.Ordinal))
            {
                throw new InvalidDataException($"its member '{member.Name}' stands where data.tar must be");
            }

            // dpkg reads bzip2 and lzma as well.
            if (data == DebDataReading.List || (data == DebDataReading.Check && member.Name is not ("data.tar.bz2" or "data.tar.lzma")))
            {
                ReadData(archive.CurrentContent, Kind(member.Name, "data.tar"), data == DebDataReading.List, cancellationToken);
            }

            return;
        }

        throw new InvalidDataException(hasControl ? "it has no data.tar" : "it has no control.tar");
    }

    private static void ReadVersion(ArReader archive)
    {
        if (archive.Next() is not { Name: "debian-binary", Size: <= 1024 })
        {
            throw new InvalidDataException("it does not begin with debian-binary");
        }

        Span<byte> version = stackalloc byte[4];
        int count = archive.CurrentContent.ReadAtLeast(version, version.Length, throwOnEndOfStream: false);
        if (count < 4 || !version.StartsWith("2."u8))
        {
            throw new InvalidDataException("its format is not version 2");
        }
    }

    private static CompressionKind Kind(string member, string prefix) => member[prefix.Length..] switch
    {
        "" => CompressionKind.None,
        ".gz" => CompressionKind.Gzip,
        ".xz" => CompressionKind.Xz,
        ".zst" => CompressionKind.Zstd,
        string other => throw new InvalidDataException($"its member {prefix} is compressed as '{other}', which Omnibus does not read"),
    };

    private void ReadControl(Stream member, CompressionKind kind, bool controlFiles)
    {
        using Stream content = Compressors.Decompress(member, kind);
        using var limited = new LimitedStream(content, ControlArchiveLimit);
        var tar = new TarStreamReader(limited);
        bool found = false;
        while (tar.Next() is { } entry)
        {
            string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (entry.Type != TarEntryType.File)
            {
                continue;
            }

            if (name == "control")
            {
                Control = found ? throw new InvalidDataException("it has two control files") : tar.ReadAll(ControlLimit);
                found = true;
            }
            else if (controlFiles && s_controlFiles.Contains(name) && !_controlFiles.TryAdd(name, tar.ReadAll(ControlFileLimit)))
            {
                throw new InvalidDataException($"it has two files '{name}' in control.tar");
            }

            if (found && !controlFiles)
            {
                return;
            }
        }

        if (!found)
        {
            throw new InvalidDataException("it has no control file");
        }
    }

    private void ReadData(Stream member, CompressionKind kind, bool keep, CancellationToken cancellationToken)
    {
        using Stream content = Compressors.Decompress(member, kind);
        var tar = new TarStreamReader(content);
        while (tar.Next() is { } entry)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Data.Count == EntryLimit)
            {
                throw new InvalidDataException($"it has more than {EntryLimit} files");
            }

            if (ToPath(entry.Name) is { } path && keep)
            {
                Data.Add(entry with { Name = path });
            }
        }

        // What follows the end of the archive is decoded too, so that damage there is seen.
        Span<byte> rest = stackalloc byte[512];
        while (content.Read(rest) > 0)
        {
        }
    }

    /// <summary>Refuses to give more than so many bytes: a small file must not unpack to terabytes.</summary>
    private sealed class LimitedStream(Stream inner, long limit) : ReadOnlyStream
    {
        private long _left = limit;

        public override int Read(Span<byte> buffer)
        {
            int count = inner.Read(buffer);
            _left -= count;
            return _left >= 0 ? count : throw new InvalidDataException("its control.tar unpacks to more than any package needs");
        }
    }
}
