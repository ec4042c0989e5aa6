using System.Globalization;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Tests.Integration.Rpm;

/// <summary>Our packages installed, upgraded, verified and removed by the real rpm in an empty root.</summary>
public sealed class RpmInstallTests : IDisposable
{
    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_package_installs_verifies_and_leaves_without_a_trace(CompressionKind kind)
    {
        PackageDefinition definition = RpmSamples.Small(
            "1.0",
            RpmSamples.Folder("/opt/small"),
            RpmSamples.Folder("/opt/small/empty"),
            RpmSamples.Folder("/opt/small/bin"),
            RpmSamples.File("/opt/small/bin/run", "#!/bin/sh\n", 0b100_111_101_101),
            RpmSamples.File("/opt/small/big", new string('x', 5_000_000)),
            RpmSamples.File("/opt/small/b", "linked\n"),
            new PackageEntry(PackageEntryKind.HardLink, "/opt/small/a") { LinkTarget = "/opt/small/b" },
            new PackageEntry(PackageEntryKind.HardLink, "/opt/small/c") { LinkTarget = "/opt/small/b" },
            new PackageEntry(PackageEntryKind.SymbolicLink, "/opt/small/link") { LinkTarget = "bin/run" },
            new PackageEntry(PackageEntryKind.Ghost, "/opt/small/state"));
        PackageFile package = await _folder.WriteAsync(definition, new CompressionSettings(kind));

        await _folder.RpmAsync("-ivh", package.Path);
        Assert.Equal(string.Empty, (await _folder.RpmAsync("-V", "small")).Trim());
        Assert.Equal("#!/bin/sh\n", await File.ReadAllTextAsync(In("/opt/small/bin/run")));
        Assert.Equal(0b100_111_101_101, (int)File.GetUnixFileMode(In("/opt/small/bin/run")));
        Assert.Equal("bin/run", new FileInfo(In("/opt/small/link")).LinkTarget);
        Assert.True(Directory.Exists(In("/opt/small/empty")));
        Assert.False(File.Exists(In("/opt/small/state")));
        Assert.Equal(RpmSamples.Time.UtcDateTime, File.GetLastWriteTimeUtc(In("/opt/small/big")));
        string inodes = await RpmFolder.RunAsync("stat", "-c", "%h %i", In("/opt/small/a"), In("/opt/small/b"), In("/opt/small/c"));
        string inode = Assert.Single(inodes.TrimEnd('\n').Split('\n').Distinct());
        Assert.StartsWith("3 ", inode, StringComparison.Ordinal);

        // A change is seen, so the verification above meant something.
        await File.AppendAllTextAsync(In("/opt/small/big"), "y");
        (int exitCode, string output) = await _folder.TryRpmAsync("-V", "small");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("S.5....T.    /opt/small/big", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(In("/opt/small/state"), "made by the program");
        await _folder.RpmAsync("-e", "small");
        Assert.False(Directory.Exists(In("/opt/small")));
    }

    [Fact]
    public async Task An_upgrade_treats_edited_configuration_as_each_file_asks()
    {
        PackageDefinition Version(string version) => RpmSamples.Small(
            version,
            RpmSamples.File("/etc/small/replaced", version, flags: PackageEntryFlags.Config),
            RpmSamples.File("/etc/small/kept", version, flags: PackageEntryFlags.Config | PackageEntryFlags.NoReplace),
            RpmSamples.File("/etc/small/plain", version));
        PackageFile first = await _folder.WriteAsync(Version("1.0~rc1"));
        PackageFile second = await _folder.WriteAsync(Version("1.0"));
        await _folder.RpmAsync("-i", first.Path);
        foreach (string name in new[] { "replaced", "kept", "plain" })
        {
            await File.WriteAllTextAsync(In("/etc/small/" + name), "edited");
        }

        await _folder.RpmAsync("-U", second.Path);

        string[] files = [.. Directory.GetFiles(In("/etc/small")).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)}={File.ReadAllText(f)}")];
        Assert.Equal(["kept=edited", "kept.rpmnew=1.0", "plain=1.0", "replaced=1.0", "replaced.rpmsave=edited"], files);
        Assert.Equal("small-1.0-1.noarch", (await _folder.RpmAsync("-qa")).Trim());
    }

    [Fact]
    public async Task Scripts_and_triggers_run_in_rpms_order()
    {
        // Lua runs inside rpm: the root has no shell.
        PackageScript Lua(ScriptKind kind, string line) => new(kind, $"local f = io.open('/log', 'a'); f:write('{line} ' .. tostring(arg[2]) .. '\\n'); f:close()", ["<lua>"]);
        PackageDefinition definition = RpmSamples.Small("1.0", RpmSamples.File("/opt/small/a", "a")) with
        {
            Scripts =
            [
                Lua(ScriptKind.PreTransaction, "pretrans"),
                Lua(ScriptKind.PreInstall, "pre"),
                Lua(ScriptKind.PostInstall, "post"),
                Lua(ScriptKind.PreRemove, "preun"),
                Lua(ScriptKind.PostRemove, "postun"),
                Lua(ScriptKind.PostTransaction, "posttrans"),
            ],
            Triggers =
            [
                new PackageTrigger(TriggerKind.Install, [new("other")]) { Script = Lua(ScriptKind.Verify, "triggerin").Text, Interpreter = ["<lua>"] },
                new PackageTrigger(TriggerKind.Uninstall, [new("other", RelationOperator.Less, "2")]) { Script = Lua(ScriptKind.Verify, "triggerun").Text, Interpreter = ["<lua>"] },
                new PackageTrigger(TriggerKind.FileInstall, [new("/opt/other")]) { Script = "local f = io.open('/log', 'a'); f:write('filetriggerin\\n'); f:close()", Interpreter = ["<lua>"] },
                new PackageTrigger(TriggerKind.TransactionFileInstall, [new("/opt/other")]) { Script = "local f = io.open('/log', 'a'); f:write('transfiletriggerin\\n'); f:close()", Interpreter = ["<lua>"] },
            ],
        };
        PackageFile package = await _folder.WriteAsync(definition);
        PackageFile other = await _folder.WriteAsync(RpmSamples.Small("1.0", RpmSamples.File("/opt/other/a", "a")) with { Name = "other" });

        await _folder.RpmAsync("-i", package.Path);
        await _folder.RpmAsync("-i", other.Path);
        await _folder.RpmAsync("-e", "other");
        await _folder.RpmAsync("-e", "small");

        Assert.Equal(
            ["pretrans 1", "pre 1", "post 1", "posttrans 1", "filetriggerin", "triggerin 1", "transfiletriggerin", "triggerun 1", "preun 0", "postun 0"],
            (await File.ReadAllLinesAsync(In("/log"))).Select(l => l.Replace(".0", string.Empty, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_dependency_that_is_not_met_stops_the_installation()
    {
        PackageDefinition needy = RpmSamples.Small() with
        {
            Relations = [new PackageRelation(RelationKind.Depends, [new("missing-a"), new("missing-b", RelationOperator.GreaterOrEqual, "2")])],
        };
        PackageFile package = await _folder.WriteAsync(needy);
        (int exitCode, string output) = await _folder.TryRpmAsync("-i", package.Path);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("(missing-a or missing-b >= 2) is needed by small-1.0-1.noarch", output, StringComparison.Ordinal);

        PackageFile provider = await _folder.WriteAsync(RpmSamples.Small() with { Name = "missing-b", Version = new PackageVersion("2", "1") });
        await _folder.RpmAsync("-i", provider.Path, package.Path);
    }

    [Fact]
    public async Task A_file_of_more_than_4_GiB_is_carried_whole()
    {
        const long Length = (4L << 30) + 4097;
        PackageDefinition definition = RpmSamples.Small(
            "1.0",
            new PackageEntry(PackageEntryKind.File, "/opt/small/huge") { Content = new ZeroContent(Length), ModifiedTime = RpmSamples.Time },
            RpmSamples.File("/opt/small/z", "after\n"),
            new PackageEntry(PackageEntryKind.SymbolicLink, "/opt/small/link") { LinkTarget = "huge" });
        PackageFile package = await _folder.WriteAsync(definition, new CompressionSettings(CompressionKind.Zstd, 1));

        Assert.True(package.Size < 2_000_000);
        Assert.Equal(Length, package.Files.Single(f => f.Path == "/opt/small/huge").Size);
        string query = await RpmFolder.RunAsync("rpm", "-qp", "--qf", "[%{LONGFILESIZES} ]%{LONGSIZE} %{LONGARCHIVESIZE}", package.Path);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Length} 4 6 {Length + 10} "), query, StringComparison.Ordinal);
        string requires = await RpmFolder.RunAsync("rpm", "-qp", "--requires", package.Path);
        Assert.Contains("rpmlib(LargeFiles) <= 4.12.0-1", requires, StringComparison.Ordinal);

        // rpm reads all of the archive, file by file, and holds each against its digest; nothing is written to disk.
        string check = await RpmFolder.RunAsync("rpm", "-Kv", package.Path);
        Assert.Contains("Payload SHA256 digest: OK", check, StringComparison.Ordinal);
        string listing = await RpmFolder.RunAsync("sh", "-c", $"rpm2archive -n - < '{package.Path}' | tar -tv --full-time 2>/dev/null | awk '{{print $3, $6}}'");
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Length} ./opt/small/huge\n0 ./opt/small/link\n6 ./opt/small/z\n"), listing);
    }

    private string In(string path) => _folder.Root + path;

    private sealed class ZeroContent(long length) : IEntryContent
    {
        public long Length => length;

        public Stream OpenRead() => new ZeroStream(length);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - _position);
            buffer.AsSpan(offset, count).Clear();
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
