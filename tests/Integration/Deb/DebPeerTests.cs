using System.Globalization;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Processes;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration;

/// <summary>dpkg-deb, dpkg-gencontrol and the compressors' own programs about the same packages.</summary>
public sealed class DebPeerTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task A_package_of_dpkg_deb_reads_as_dpkg_deb_reads_it(string compressor)
    {
        string tree = _scratch.Folder("tree");
        _scratch.Write("tree/DEBIAN/control", "Package: peer\nVersion: 2:1.0-1\nArchitecture: all\nMaintainer: A <a@example.com>\nDepends: b (>= 1) | c, d:any\nDescription: a peer\n more\n .\n text\n");
        _scratch.Write("tree/DEBIAN/conffiles", "/etc/peer.conf\n");
        _scratch.Write("tree/etc/peer.conf", "x");
        _scratch.Write("tree/opt/" + string.Join('/', Enumerable.Repeat("a-rather-long-name", 10)) + "/file", new string('y', 5000));
        File.CreateSymbolicLink(_scratch.PathOf("tree", "opt", "link"), "elsewhere");
        string deb = _scratch.PathOf("peer.deb");
        await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["--root-owner-group", $"-Z{compressor}", "-b", tree, deb]));

        PackageFile package = await PackageFormats.ReadAsync(deb, PackageReadParts.All, CancellationToken.None);
        foreach ((string field, string value) in package.Fields)
        {
            Assert.Equal((await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["-f", deb, field]))).StandardOutput, value + "\n");
        }

        Assert.Equal(await Listed(deb), package.Files.Select(f => f.Path));
        Assert.Equal((2, "1.0", "1"), (package.Epoch, package.Version, package.Release));
        Assert.Contains(package.Files, f => f is { Path: "/etc/peer.conf", Flags: PackageEntryFlags.Config });
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task Dpkg_deb_reads_our_package_as_we_do(CompressionKind kind)
    {
        PackageFile package = await WriteAsync(kind);
        PackageFile read = await PackageFormats.ReadAsync(package.Path, PackageReadParts.All, CancellationToken.None);
        Assert.Equal(await Listed(package.Path), read.Files.Select(f => f.Path));
        foreach ((string field, string value) in read.Fields)
        {
            Assert.Equal((await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["-f", package.Path, field]))).StandardOutput, value + "\n");
        }

        // The sums hold, and the size is what dpkg-gencontrol would have said for the same tree.
        string tree = _scratch.Folder("unpacked");
        await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["-R", package.Path, tree]));
        string sums = Path.Combine(_scratch.Path, "md5sums");
        File.Move(Path.Combine(tree, "DEBIAN", "md5sums"), sums);
        await ProgramRunner.RunAsync(new ProgramCommand("md5sum", ["-c", "--quiet", "--strict", sums]) { WorkingDirectory = tree });
        Directory.Delete(Path.Combine(tree, "DEBIAN"), recursive: true);
        Assert.Equal(await InstalledSizeAsync(tree), (read.InstalledSize / 1024).ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Zstd, "zstd")]
    public async Task Everybody_else_reads_a_control_member_with_a_filling(CompressionKind kind, string program)
    {
        PackageFile package = await WriteAsync(kind);
        string member = "control.tar" + Compressors.Extension(kind);
        using var control = new MemoryStream();
        await ProgramRunner.RunAsync(new ProgramCommand("ar", ["p", package.Path, member]) { StandardOutputTo = control });
        byte[] last = kind == CompressionKind.Zstd ? new byte[8] : [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(last, control.ToArray()[^last.Length..]);

        control.Position = 0;
        using var tar = new MemoryStream();
        await ProgramRunner.RunAsync(new ProgramCommand(program, ["-d", "-c"]) { StandardInput = control, StandardOutputTo = tar });
        tar.Position = 0;
        Assert.Contains("./control", (await ProgramRunner.RunAsync(new ProgramCommand("tar", ["-t"]) { StandardInput = tar })).StandardOutput, StringComparison.Ordinal);

        Assert.Contains("Package: notes", (await ProgramRunner.RunAsync(new ProgramCommand("apt-ftparchive", ["packages", _scratch.Path]))).StandardOutput, StringComparison.Ordinal);
        _scratch.Write("reprepro/conf/distributions", "Codename: bookworm\nArchitectures: amd64\nComponents: main\n");
        await ProgramRunner.RunAsync(new ProgramCommand("reprepro", ["-b", _scratch.PathOf("reprepro"), "includedeb", "bookworm", package.Path]));
        string config = _scratch.Write("aptly.conf", $$"""{"rootDir": "{{_scratch.Folder("aptly")}}"}""");
        await ProgramRunner.RunAsync(new ProgramCommand("aptly", [$"-config={config}", "repo", "create", "others"]));
        Assert.Contains("notes_", (await ProgramRunner.RunAsync(new ProgramCommand("aptly", [$"-config={config}", "repo", "add", "others", package.Path]))).StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Xz, "xz")]
    [InlineData(CompressionKind.Zstd, "zstd")]
    public async Task The_compressors_own_program_takes_our_data_and_we_take_its(CompressionKind kind, string program)
    {
        // More than one block of each compressor.
        byte[] data = new byte[40 * 1024 * 1024];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (byte)((i * 7) ^ (i >> 11));
        }

        string ours = _scratch.PathOf("ours");
        using (FileStream file = File.Create(ours))
        using (Stream compressed = Compressors.Compress(file, new CompressionSettings(kind, 1)))
        {
            compressed.Write(data);
        }

        using var result = new MemoryStream();
        await ProgramRunner.RunAsync(new ProgramCommand(program, ["-d", "-c"]) { StandardInput = File.OpenRead(ours), StandardOutputTo = result });
        Assert.True(result.ToArray().AsSpan().SequenceEqual(data));

        using var theirs = new MemoryStream();
        await ProgramRunner.RunAsync(new ProgramCommand(program, ["-1", "-c"]) { StandardInput = new MemoryStream(data), StandardOutputTo = theirs });
        theirs.Position = 0;
        using Stream decompressed = Compressors.Decompress(theirs, kind);
        using var back = new MemoryStream();
        await decompressed.CopyToAsync(back);
        Assert.True(back.ToArray().AsSpan().SequenceEqual(data));
    }

    [Fact]
    public async Task Folder_umask_time_zone_and_locale_do_not_change_the_bytes()
    {
        _scratch.Write("tree/usr/share/ünï/I/i", "x");
        _scratch.Write("tree/usr/share/ünï/a-b", "y");
        _scratch.Write("tree/usr/bin/z", "#!/bin/sh");
        string packer = Checkout.PathOf("bench", "Omnibus.Bench", "bin", "Release", "net10.0", "Omnibus.Bench.dll");
        var packages = new List<byte[]>();
        foreach ((string umask, string zone, string locale, string folder) in new[] { ("022", "UTC", "C.UTF-8", "one"), ("077", "Asia/Kathmandu", "tr_TR.UTF-8", "two"), ("002", "America/St_Johns", "C", "three") })
        {
            string work = _scratch.Folder(folder, "deeper");
            await ProgramRunner.RunAsync(new ProgramCommand(
                "sh", ["-c", "umask \"$0\" && exec dotnet exec \"$@\"", umask, packer, "pack", "Deb", "gzip", "6", Path.Combine(_scratch.Path, "tree"), Path.Combine(work, "dist")])
            {
                WorkingDirectory = work,
                Environment = new Dictionary<string, string?> { ["TZ"] = zone, ["LC_ALL"] = locale },
            });
            packages.Add(File.ReadAllBytes(Directory.GetFiles(Path.Combine(work, "dist")).Single()));
        }

        Assert.Equal(packages[0], packages[1]);
        Assert.Equal(packages[0], packages[2]);
    }

    private static async Task<string[]> Listed(string deb)
    {
        ProgramResult tar = await ProgramRunner.RunAsync(new ProgramCommand("sh", ["-c", "dpkg-deb --fsys-tarfile \"$0\" | tar --quoting-style=literal -t", deb]));
        return [.. tar.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimStart('.').TrimEnd('/')).Where(l => l.Length > 0)];
    }

    private async Task<string> InstalledSizeAsync(string tree)
    {
        string source = _scratch.Folder("gencontrol");
        _scratch.Write("gencontrol/debian/control", "Source: x\nMaintainer: A <a@example.com>\nSection: misc\nPriority: optional\n\nPackage: x\nArchitecture: all\nDescription: x\n x\n");
        _scratch.Write("gencontrol/debian/changelog", "x (1) unstable; urgency=medium\n\n  * x\n\n -- A <a@example.com>  Thu, 01 Jan 2026 00:00:00 +0000\n");
        ProgramResult result = await ProgramRunner.RunAsync(new ProgramCommand("dpkg-gencontrol", ["-O", "-P" + tree, "-fdebian/files"]) { WorkingDirectory = source });
        return result.StandardOutput.Split('\n').First(l => l.StartsWith("Installed-Size: ", StringComparison.Ordinal))[16..];
    }

    private Task<PackageFile> WriteAsync(CompressionKind kind) => PackageFormats.Get("Deb").WriteAsync(
        DebExample.Create(), _scratch.Path, new PackageWriteOptions(new CompressionSettings(kind)), CancellationToken.None);
}
