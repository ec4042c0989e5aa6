using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class DebFormatTests : IDisposable
{
    private static readonly DebFormat s_format = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-deb").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static PackageDefinition Example => new()
    {
        Name = "notes",
        Version = new PackageVersion("1.4.0~rc1", "1"),
        Architecture = "amd64",
        Summary = "keeps notes",
        Description = "Keeps notes of all sorts.\n\nIn two paragraphs.",
        Maintainer = "Example Packaging <packages@example.com>",
        License = "Apache-2.0",
        Homepage = "https://example.com/notes",
        Section = "web",
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Copyright = "Free.\n",
        Entries =
        [
            new PackageEntry(PackageEntryKind.File, "/opt/notes/bin/notes") { Content = new MemoryContent("#!/bin/sh\n"), Mode = 0b111_101_101 },
            new PackageEntry(PackageEntryKind.SymbolicLink, "/usr/bin/notes") { LinkTarget = "../../opt/notes/bin/notes" },
            new PackageEntry(PackageEntryKind.File, "/etc/notes.conf") { Content = new MemoryContent("port=1\n"), Flags = PackageEntryFlags.Config },
            new PackageEntry(PackageEntryKind.HardLink, "/opt/notes/a-link") { LinkTarget = "/opt/notes/bin/notes" },
            new PackageEntry(PackageEntryKind.Directory, "/var/lib/notes") { Owner = "www-data", Group = "www-data", Mode = 0b111_101_000 },
            new PackageEntry(PackageEntryKind.Ghost, "/var/log/notes.log"),
            new PackageEntry(PackageEntryKind.Ghost, "/etc/notes-old.conf") { Flags = PackageEntryFlags.Config | PackageEntryFlags.RemoveOnUpgrade },
        ],
        Relations =
        [
            PackageRelation.To(RelationKind.Depends, "python3", RelationOperator.GreaterOrEqual, "3.11"),
            PackageRelation.To(RelationKind.PreDepends, "adduser"),
            PackageRelation.To(RelationKind.Obsoletes, "jotter", RelationOperator.Less, "2"),
        ],
        Scripts = [new PackageScript(ScriptKind.PostInstall, "echo hello\n"), new PackageScript(ScriptKind.PostTransaction, "true")],
        Triggers = [new PackageTrigger(TriggerKind.Deb, [new RelationTarget("/usr/bin/python3.11")]) { Directive = "interest-noawait" }],
        Changelog = [new ChangelogEntry("1.4.0~rc1-1", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), "Example Packaging <packages@example.com>", ["First."])],
        CustomFields = [new("Built-With", "omnibus")],
        MultiArch = "foreign",
    };

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_written_package_reads_back_as_it_was_defined(CompressionKind kind)
    {
        PackageFile written = await WriteAsync(Example, kind);
        Assert.Equal("notes_1.4.0~rc1-1_amd64.deb", Path.GetFileName(written.Path));
        PackageFile read = await PackageFormats.ReadAsync(written.Path, PackageReadParts.All, CancellationToken.None);

        Assert.Equal(
            ["Package", "Version", "Architecture", "Maintainer", "Installed-Size", "Pre-Depends", "Depends", "Breaks", "Replaces", "Section", "Priority", "Multi-Arch", "Homepage", "Built-With", "Description"],
            read.Fields.Select(f => f.Key));
        Assert.Equal(("notes", "1.4.0~rc1", "1", "amd64"), (read.Name, read.Version, read.Release, read.Architecture));
        Assert.Equal("Keeps notes of all sorts.\n\nIn two paragraphs.", read.Description);
        Assert.Equal("keeps notes", read.Summary);
        Assert.Equal(64, read.Sha256!.Length);

        Assert.Equal(
            [
                "/etc", "/etc/notes.conf", "/opt", "/opt/notes", "/opt/notes/a-link", "/opt/notes/bin", "/opt/notes/bin/notes",
                "/usr", "/usr/bin", "/usr/bin/notes", "/usr/share", "/usr/share/doc", "/usr/share/doc/notes",
                "/usr/share/doc/notes/changelog.Debian.gz", "/usr/share/doc/notes/copyright", "/var", "/var/lib", "/var/lib/notes",
            ],
            read.Files.Select(f => f.Path));
        PackageFileEntry first = read.Files.Single(f => f.Path == "/opt/notes/a-link");
        PackageFileEntry second = read.Files.Single(f => f.Path == "/opt/notes/bin/notes");
        Assert.Equal((PackageEntryKind.File, 10L, 0b111_101_101), (first.Kind, first.Size, first.Mode));
        Assert.Equal((PackageEntryKind.HardLink, "/opt/notes/a-link"), (second.Kind, second.LinkTarget));
        Assert.Equal(first.Digest, second.Digest);
        Assert.NotNull(first.Digest);
        Assert.Equal(("www-data", 0b111_101_000), (read.Files[^1].Owner, read.Files[^1].Mode));
        PackageFileEntry conffile = read.Files.Single(f => f.Path == "/etc/notes.conf");
        Assert.Equal((PackageEntryFlags.Config, null), (conffile.Flags, conffile.Digest));

        PackageScript script = Assert.Single(read.Scripts);
        Assert.Equal("#!/bin/sh\nset -e\necho hello\n", script.Text);
        Assert.Equal("interest-noawait", Assert.Single(read.Triggers).Directive);
        Assert.Equal("jotter", read.Relations.Single(r => r.Kind == RelationKind.Breaks).Alternatives[0].Name);
    }

    [Fact]
    public async Task The_order_of_entries_and_the_folder_do_not_change_the_bytes()
    {
        PackageFile first = await WriteAsync(Example, CompressionKind.Zstd);
        string other = Path.Combine(_folder, "other", "deep");
        PackageFile second = await s_format.WriteAsync(
            Example with { Entries = [.. Example.Entries.Reverse()] }, other, new PackageWriteOptions(new CompressionSettings(CompressionKind.Zstd)), CancellationToken.None);
        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
    }

    [Fact]
    public async Task Times_are_clamped_to_the_time_stamp()
    {
        PackageDefinition definition = Example with
        {
            Entries =
            [
                new PackageEntry(PackageEntryKind.File, "/opt/new") { Content = new MemoryContent("x"), ModifiedTime = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000) },
                new PackageEntry(PackageEntryKind.File, "/opt/old") { Content = new MemoryContent("x"), ModifiedTime = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000) },
            ],
        };
        PackageFile read = await s_format.ReadAsync((await WriteAsync(definition, CompressionKind.None)).Path, PackageReadParts.Files, CancellationToken.None);
        Assert.Equal(1_700_000_000, read.Files.Single(f => f.Path == "/opt/new").ModifiedTime.ToUnixTimeSeconds());
        Assert.Equal(1_600_000_000, read.Files.Single(f => f.Path == "/opt/old").ModifiedTime.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Long_and_foreign_names_survive()
    {
        string path = "/opt/" + string.Join('/', Enumerable.Repeat("quite-a-long-folder-name", 8)) + "/ünïcödé-\U0001F4DD-\uFFFD";
        PackageDefinition definition = Example with
        {
            Entries =
            [
                new PackageEntry(PackageEntryKind.File, path) { Content = new MemoryContent("x") },
                new PackageEntry(PackageEntryKind.SymbolicLink, "/opt/link") { LinkTarget = path },
            ],
        };
        PackageFile read = await s_format.ReadAsync((await WriteAsync(definition, CompressionKind.Gzip)).Path, PackageReadParts.Files, CancellationToken.None);
        Assert.Contains(read.Files, f => f.Path == path && f.Size == 1);
        Assert.Contains(read.Files, f => f.Path == "/opt/link" && f.LinkTarget == path);
    }

    [Fact]
    public async Task A_file_of_the_same_name_with_other_bytes_is_not_replaced_unless_forced()
    {
        PackageFile written = await WriteAsync(Example, CompressionKind.Gzip);
        byte[] before = File.ReadAllBytes(written.Path);
        await WriteAsync(Example, CompressionKind.Gzip);

        PackageDefinition changed = Example with { Summary = "keeps other notes" };
        var error = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(changed, CompressionKind.Gzip));
        Assert.Equal("PackageExists", error.Id);
        Assert.Equal(before, File.ReadAllBytes(written.Path));
        Assert.Single(Directory.GetFileSystemEntries(_folder));

        await s_format.WriteAsync(changed, _folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip)) { Force = true }, CancellationToken.None);
        Assert.NotEqual(before, File.ReadAllBytes(written.Path));
    }

    [Fact]
    public async Task A_source_that_shrinks_or_vanishes_leaves_nothing_behind()
    {
        string source = Path.Combine(_folder, "source");
        File.WriteAllText(source, "0123456789");
        PackageDefinition definition = Example with { Entries = [new PackageEntry(PackageEntryKind.File, "/opt/x") { Content = new FileContent(source) }] };
        File.WriteAllText(source, "01234");
        Assert.Equal("PackageSourceChanged", (await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(definition, CompressionKind.Zstd))).Id);
        File.WriteAllText(source, "0123456789a");
        Assert.Equal("PackageSourceChanged", (await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(definition, CompressionKind.Zstd))).Id);
        File.Delete(source);
        Assert.Equal("PackageSourceUnreadable", (await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(definition, CompressionKind.Zstd))).Id);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing_behind()
    {
        using var source = new CancellationTokenSource();
        PackageDefinition definition = Example with { Entries = [new PackageEntry(PackageEntryKind.File, "/opt/x") { Content = new CancellingContent(source) }] };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_format.WriteAsync(
            definition, _folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.Zstd)), source.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_package_cut_short_at_any_byte_is_unreadable()
    {
        foreach (CompressionKind kind in new[] { CompressionKind.None, CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd })
        {
            byte[] whole = File.ReadAllBytes((await WriteAsync(Example, kind, forced: true)).Path);
            DebContents.Read(new MemoryStream(whole), DebDataReading.List, controlFiles: true, CancellationToken.None);

            // The padding byte of the last member may be missing; the empty blocks of an uncompressed data.tar may be, too, as for dpkg.
            int end = kind == CompressionKind.None ? whole.Length - 1024 : whole.Length - 1;
            for (int length = 0; length < end; length++)
            {
                Assert.Throws<InvalidDataException>(() => DebContents.Read(new MemoryStream(whole, 0, length), DebDataReading.List, controlFiles: true, CancellationToken.None));
            }
        }
    }

    [Fact]
    public async Task A_scan_gives_the_control_file_the_paths_and_the_digests()
    {
        PackageFile written = await WriteAsync(Example, CompressionKind.Xz);
        byte[] bytes = File.ReadAllBytes(written.Path);
        DebPackageScan scan = DebPackageReader.Scan(written.Path, files: true, CancellationToken.None);
        Assert.StartsWith("Package: notes\nVersion: 1.4.0~rc1-1\n", scan.ControlText, StringComparison.Ordinal);
        Assert.Equal(
            ["/etc/notes.conf", "/opt/notes/a-link", "/opt/notes/bin/notes", "/usr/bin/notes", "/usr/share/doc/notes/changelog.Debian.gz", "/usr/share/doc/notes/copyright"],
            scan.Files);
        Assert.Equal(bytes.Length, scan.Size);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes)), scan.Md5);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(bytes)), scan.Sha1);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), scan.Sha256);

        using var pipe = new System.IO.Compression.BrotliStream(new MemoryStream(Brotli(bytes)), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equivalent(scan, DebPackageReader.Scan(pipe, "stream", files: true, CancellationToken.None));
    }

    private static byte[] Brotli(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var stream = new System.IO.Compression.BrotliStream(target, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }

    private Task<PackageFile> WriteAsync(PackageDefinition definition, CompressionKind kind, bool forced = false) =>
        s_format.WriteAsync(definition, _folder, new PackageWriteOptions(new CompressionSettings(kind)) { Force = forced }, CancellationToken.None);

    private sealed class CancellingContent(CancellationTokenSource source) : IEntryContent
    {
        public long Length => 1L << 40;

        public Stream OpenRead() => new CancellingStream(source);
    }

    private sealed class CancellingStream(CancellationTokenSource source) : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            source.Cancel();
            return count;
        }
    }
}
