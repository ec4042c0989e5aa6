using System.Globalization;
using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Composes the main header of a version 4 package. Its length depends on the definition alone: digests have a fixed length, so it can be reserved before the payload is known.</summary>
internal sealed class RpmHeaderComposer
{
    // PGPHASHALGO_SHA256 of rpmpgp.h.
    private const uint Sha256Algorithm = 8;

    // The release whose header these are like. rpm takes a package without this tag for one of rpm 3.
    private const string WriterVersion = "4.18.0";

    // Nothing of the building machine may show; rpmbuild's own name for it is free.
    private const string BuildHost = "localhost";

    // What rpm -V must not compare of a file that the package does not bring: digest, size, link target, time (rpmVerifyAttrs).
    private const uint GhostVerify = ~0x27u;

    private static readonly string[] s_classes = [string.Empty, "directory", "ELF 32-bit", "ELF 64-bit"];

    private static readonly string s_unknownDigest = new('0', 64);

    private readonly PackageDefinition _definition;
    private readonly RpmFileTable _table;
    private readonly RpmScriptSet _scripts;
    private readonly CompressionSettings _compression;

    public RpmHeaderComposer(PackageDefinition definition, RpmFileTable table, CompressionSettings compression)
    {
        _definition = definition;
        _table = table;
        _compression = compression;
        _scripts = new RpmScriptSet(definition);
    }

    /// <summary>The header with placeholders for digests, to learn its length.</summary>
    public int MeasureLength()
    {
        RpmHeaderBuilder header = Compose(s_unknownDigest, s_unknownDigest, f => f.IsRegular ? s_unknownDigest : string.Empty);
        return header.Build(RpmTag.HeaderImmutable).Length;
    }

    /// <summary>The header once the payload is written.</summary>
    /// <param name="payloadDigest">SHA-256 of the compressed payload.</param>
    /// <param name="archiveDigest">SHA-256 of the uncompressed payload.</param>
    public byte[] Build(string payloadDigest, string archiveDigest) =>
        Compose(payloadDigest, archiveDigest, f => f.Digest).Build(RpmTag.HeaderImmutable);

    /// <summary>Compressor as PAYLOADCOMPRESSOR names it.</summary>
    public static string CompressorName(CompressionKind kind) => kind switch
    {
        CompressionKind.Xz => "xz",
        CompressionKind.Zstd => "zstd",
        CompressionKind.Gzip => "gzip",
        _ => "identity",
    };

    private RpmHeaderBuilder Compose(string payloadDigest, string archiveDigest, Func<RpmFile, string> digestOf)
    {
        var header = new RpmHeaderBuilder();
        WriteIdentity(header);
        WriteChangelog(header);
        _scripts.Write(header);
        RpmDependencyList.Create(_definition, _table, _scripts, CompressorName(_compression.Kind)).Write(header);
        if (_table.Files.Length > 0)
        {
            WriteFiles(header, digestOf);
        }

        header.AddString(RpmTag.PayloadFormat, "cpio");
        header.AddString(RpmTag.PayloadCompressor, CompressorName(_compression.Kind));
        if (_compression.Kind != CompressionKind.None)
        {
            header.AddString(RpmTag.PayloadFlags, Compressors.ResolveLevel(_compression).ToString(CultureInfo.InvariantCulture));
        }

        header.AddStrings(RpmTag.PayloadDigest, [payloadDigest]);
        header.AddInt32(RpmTag.PayloadDigestAlgo, Sha256Algorithm);
        header.AddStrings(RpmTag.PayloadDigestAlt, [archiveDigest]);
        return header;
    }

    private void WriteIdentity(RpmHeaderBuilder header)
    {
        uint time = (uint)_definition.Timestamp.ToUnixTimeSeconds();
        header.AddStrings(RpmTag.HeaderI18nTable, ["C"]);
        header.AddString(RpmTag.Name, _definition.Name);
        header.AddString(RpmTag.Version, _definition.Version.Upstream);
        header.AddString(RpmTag.Release, _definition.Version.Release!);
        if (_definition.Version.Epoch != 0)
        {
            header.AddInt32(RpmTag.Epoch, (uint)_definition.Version.Epoch);
        }

        header.AddI18nString(RpmTag.Summary, _definition.Summary);
        string description = _definition.Description?.Trim('\n', '\r') ?? string.Empty;
        header.AddI18nString(RpmTag.Description, description.Length > 0 ? description : _definition.Summary);
        header.AddInt32(RpmTag.BuildTime, time);
        header.AddString(RpmTag.BuildHost, BuildHost);
        header.AddString(RpmTag.Cookie, string.Create(CultureInfo.InvariantCulture, $"{BuildHost} {time}"));
        if (_table.InstalledSize > uint.MaxValue)
        {
            header.AddInt64(RpmTag.LongSize, _table.InstalledSize);
        }
        else
        {
            header.AddInt32(RpmTag.Size, (uint)_table.InstalledSize);
        }

        AddOptional(header, RpmTag.Vendor, _definition.Vendor);
        AddOptional(header, RpmTag.License, _definition.License);
        AddOptional(header, RpmTag.Packager, _definition.Maintainer);
        AddOptional(header, RpmTag.Url, _definition.Homepage);
        header.AddI18nString(RpmTag.Group, string.IsNullOrWhiteSpace(_definition.Section) ? "Unspecified" : _definition.Section);
        header.AddString(RpmTag.Os, "linux");
        header.AddString(RpmTag.Arch, _definition.Architecture);
        header.AddString(RpmTag.RpmVersion, WriterVersion);
        header.AddString(RpmTag.Encoding, "utf-8");

        // rpm takes a package without this tag for a source package.
        string source = _definition.SourceName ?? _definition.Name;
        header.AddString(RpmTag.SourceRpm, source.EndsWith(".src.rpm", StringComparison.Ordinal) ? source : $"{source}-{_definition.Version.WithoutEpoch}.src.rpm");
    }

    private void WriteChangelog(RpmHeaderBuilder header)
    {
        if (_definition.Changelog.Count == 0)
        {
            return;
        }

        var times = new uint[_definition.Changelog.Count];
        var names = new string[times.Length];
        var texts = new string[times.Length];
        for (int i = 0; i < times.Length; i++)
        {
            ChangelogEntry entry = _definition.Changelog[i];

            // rpmbuild puts an entry at noon of its day (build/parseChangelog.cc), which is the same day in every time zone.
            long day = entry.Time.ToUnixTimeSeconds() / 86400;
            times[i] = (uint)Math.Clamp((day * 86400) + 43200, 0, uint.MaxValue);
            names[i] = $"{entry.Author} - {entry.Version}";
            texts[i] = string.Join('\n', entry.Changes.Select(c => "- " + c.Trim().Replace("\n", "\n  ", StringComparison.Ordinal)));
        }

        header.AddInt32(RpmTag.ChangelogTime, times);
        header.AddStrings(RpmTag.ChangelogName, names);
        header.AddStrings(RpmTag.ChangelogText, texts);
    }

    private void WriteFiles(RpmHeaderBuilder header, Func<RpmFile, string> digestOf)
    {
        RpmFile[] files = _table.Files;
        if (_table.UsesLongSizes)
        {
            header.AddInt64(RpmTag.LongFileSizes, Array.ConvertAll(files, f => f.Size));
        }
        else
        {
            header.AddInt32(RpmTag.FileSizes, Array.ConvertAll(files, f => (uint)f.Size));
        }

        header.AddInt16(RpmTag.FileModes, Array.ConvertAll(files, f => f.Mode));
        header.AddInt16(RpmTag.FileRdevs, new ushort[files.Length]);
        header.AddInt32(RpmTag.FileMtimes, Array.ConvertAll(files, f => f.ModifiedTime));
        header.AddStrings(RpmTag.FileDigests, Array.ConvertAll(files, f => digestOf(f)));
        header.AddStrings(RpmTag.FileLinkTos, Array.ConvertAll(files, f => f.Entry.Kind == PackageEntryKind.SymbolicLink ? f.Entry.LinkTarget! : string.Empty));
        header.AddInt32(RpmTag.FileFlags, Array.ConvertAll(files, f => (uint)FlagsOf(f.Entry)));
        header.AddStrings(RpmTag.FileUserName, Array.ConvertAll(files, f => f.Original.Owner));
        header.AddStrings(RpmTag.FileGroupName, Array.ConvertAll(files, f => f.Original.Group));
        header.AddInt32(RpmTag.FileVerifyFlags, Array.ConvertAll(files, f => f.IsInPayload ? uint.MaxValue : GhostVerify));
        header.AddInt32(RpmTag.FileDevices, Array.ConvertAll(files, _ => 1u));
        header.AddInt32(RpmTag.FileInodes, Array.ConvertAll(files, f => f.Inode));
        header.AddStrings(RpmTag.FileLangs, Array.ConvertAll(files, _ => string.Empty));
        header.AddInt32(RpmTag.DirIndexes, Array.ConvertAll(files, f => (uint)f.DirectoryIndex));
        header.AddStrings(RpmTag.BaseNames, Array.ConvertAll(files, f => f.BaseName));
        header.AddStrings(RpmTag.DirNames, [.. _table.DirectoryNames]);
        header.AddInt32(RpmTag.FileColors, Array.ConvertAll(files, f => (uint)f.Color));
        header.AddInt32(RpmTag.FileClass, Array.ConvertAll(files, ClassOf));
        header.AddStrings(RpmTag.ClassDict, s_classes);
        header.AddInt32(RpmTag.FileDigestAlgo, Sha256Algorithm);
        if (files.Any(f => f.Original.Capabilities is { Length: > 0 }))
        {
            header.AddStrings(RpmTag.FileCaps, Array.ConvertAll(files, f => CapabilitiesOf(f.Original)));
        }
    }

    // libcap spells an empty base set as `=` before the clauses or leaves it out; rpm compares texts, so one spelling is kept.
    private static string CapabilitiesOf(PackageEntry entry) => (entry.Capabilities ?? string.Empty).Trim();

    private static RpmFileFlags FlagsOf(PackageEntry entry)
    {
        RpmFileFlags flags = entry.Kind == PackageEntryKind.Ghost ? RpmFileFlags.Ghost : RpmFileFlags.None;
        foreach ((PackageEntryFlags flag, RpmFileFlags rpm) in FlagPairs)
        {
            flags |= entry.Flags.HasFlag(flag) ? rpm : RpmFileFlags.None;
        }

        return flags;
    }

    /// <summary>Flags of an entry and rpm's own.</summary>
    internal static IReadOnlyList<(PackageEntryFlags Flag, RpmFileFlags Rpm)> FlagPairs { get; } =
    [
        (PackageEntryFlags.Config, RpmFileFlags.Config),
        (PackageEntryFlags.NoReplace, RpmFileFlags.Config | RpmFileFlags.NoReplace),
        (PackageEntryFlags.Documentation, RpmFileFlags.Doc),
        (PackageEntryFlags.License, RpmFileFlags.License),
        (PackageEntryFlags.MissingOk, RpmFileFlags.MissingOk),
        (PackageEntryFlags.Readme, RpmFileFlags.Readme),
        (PackageEntryFlags.Artifact, RpmFileFlags.Artifact),
    ];

    private static uint ClassOf(RpmFile file) => file switch
    {
        { Entry.Kind: PackageEntryKind.Directory } => 1,
        { Color: 1 } => 2,
        { Color: 2 } => 3,
        _ => 0,
    };

    private static void AddOptional(RpmHeaderBuilder header, int tag, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            header.AddString(tag, text);
        }
    }
}
