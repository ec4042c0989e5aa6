using System.Globalization;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Tests.Integration.Rpm;

/// <summary>What rpm itself says of our packages.</summary>
public sealed class RpmQueryTests : IDisposable
{
    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task Rpm_finds_all_digests_right_and_unpacks_the_payload(CompressionKind kind)
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich(), new CompressionSettings(kind));

        string check = await RpmFolder.RunAsync("rpm", "-Kv", package.Path);
        Assert.Contains("Header SHA256 digest: OK", check, StringComparison.Ordinal);
        Assert.Contains("Header SHA1 digest: OK", check, StringComparison.Ordinal);
        Assert.Contains("Payload SHA256 digest: OK", check, StringComparison.Ordinal);

        string listing = await RpmFolder.RunAsync("sh", "-c", $"rpm2cpio '{package.Path}' | cpio -t --quiet");
        string[] expected = [.. RpmSamples.Rich().Entries.Where(e => e.Kind != PackageEntryKind.Ghost).Select(e => "." + e.Path)];
        Assert.Equal(expected.Order(StringComparer.Ordinal), listing.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rpm_prints_every_value_that_the_definition_holds()
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich());

        Assert.Equal("reftool-1.2~rc1-3.x86_64.rpm", Path.GetFileName(package.Path));
        Assert.Equal(
            "reftool|2|1.2~rc1|3|x86_64|linux|A reference package|A long\ntext, with ä and 漢.\n\nMore.|A B <a@example.com>|Example|MIT|https://example.com/|Unspecified|reftool-1.2~rc1-3.src.rpm|utf-8|cpio|zstd|3|localhost|1709294400",
            await Query(package, "%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{OS}|%{SUMMARY}|%{DESCRIPTION}|%{PACKAGER}|%{VENDOR}|%{LICENSE}|%{URL}|%{GROUP}|%{SOURCERPM}|%{ENCODING}|%{PAYLOADFORMAT}|%{PAYLOADCOMPRESSOR}|%{PAYLOADFLAGS}|%{BUILDHOST}|%{BUILDTIME}"));
        Assert.Equal("8|8", await Query(package, "%{FILEDIGESTALGO}|%{PAYLOADDIGESTALGO}"));
        Assert.Equal(
            "1672660800 A B <a@example.com> - 1.2-1 - one\n- two;1672574400 A B <a@example.com> - 1.1-1 - zero;",
            await Query(package, "[%{CHANGELOGTIME} %{CHANGELOGNAME} %{CHANGELOGTEXT};]"));
    }

    [Fact]
    public async Task Rpm_prints_every_relation_with_its_qualifiers()
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich());

        string requires = await Query(package, "[%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION} %{REQUIREFLAGS:deptype}\n]");
        foreach (string line in new[]
        {
            "(rich-a or rich-b < 2^1)   manual",
            "/bin/sh   pre,interp",
            "/bin/sh   postun,interp",
            "/bin/sh   verify,interp",
            "/bin/sh   interp",
            "/sbin/ldconfig   post,interp",
            "/usr/bin/bash   interp,posttrans",
            "bound >= 1.0-2 manual",
            "config(reftool) = 2:1.2~rc1-3 config",
            "metareq   meta",
            "postreq   post",
            "posttransreq   posttrans",
            "postunreq   postun",
            "prepost   pre,post",
            "prereq   pre",
            "pretransreq   pretrans",
            "preunreq   preun",
            "verifyreq   verify",
            "rpmlib(BuiltinLuaScripts) <= 4.2.2-1 rpmlib",
            "rpmlib(CaretInVersions) <= 4.15.0-1 rpmlib",
            "rpmlib(CompressedFileNames) <= 3.0.4-1 rpmlib",
            "rpmlib(FileCaps) <= 4.6.1-1 rpmlib",
            "rpmlib(FileDigests) <= 4.6.0-1 rpmlib",
            "rpmlib(PartialHardlinkSets) <= 4.0.4-1 rpmlib",
            "rpmlib(PayloadFilesHavePrefix) <= 4.0-1 rpmlib",
            "rpmlib(PayloadIsZstd) <= 5.4.18-1 rpmlib",
            "rpmlib(RichDependencies) <= 4.12.0-1 rpmlib",
            "rpmlib(ScriptletInterpreterArgs) <= 4.0.3-1 rpmlib",
            "rpmlib(TildeInVersions) <= 4.10.0-1 rpmlib",
        })
        {
            Assert.Contains(Words(line), requires.Split('\n').Select(Words));
        }

        Assert.Equal("config(reftool) = 2:1.2~rc1-3\nreftool = 2:1.2~rc1-3\nreftool(x86-64) = 2:1.2~rc1-3\nvirtual = 7\n", await RpmFolder.RunAsync("rpm", "-qp", "--provides", package.Path));
        Assert.Equal("broken < 4\nconf < 1\n", await RpmFolder.RunAsync("rpm", "-qp", "--conflicts", package.Path));
        Assert.Equal("obs < 2\n", await RpmFolder.RunAsync("rpm", "-qp", "--obsoletes", package.Path));
        Assert.Equal("(rec-a if (rec-b and rec-c) else rec-d)\nrec > 1\n", await RpmFolder.RunAsync("rpm", "-qp", "--recommends", package.Path));
        Assert.Equal("sug < 2\n", await RpmFolder.RunAsync("rpm", "-qp", "--suggests", package.Path));
        Assert.Equal("sup\n", await RpmFolder.RunAsync("rpm", "-qp", "--supplements", package.Path));
        Assert.Equal("enh <= 3\n", await RpmFolder.RunAsync("rpm", "-qp", "--enhances", package.Path));
    }

    [Fact]
    public async Task Rpm_prints_every_file_with_its_attributes()
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich());

        string files = await Query(package, "[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILESIZES} %{FILEFLAGS:fflags} %{FILELINKTOS} %{FILECAPS} %{FILECOLORS} %{FILENLINKS} %{FILEMTIMES}\n]");
        long elf = new FileInfo("/bin/true").Length;
        Assert.Equal(
            $"""
            /etc/reftool/a.conf 100644 root:root 5 c   0 1 1709294400
            /etc/reftool/b.conf 100644 root:root 5 cn   0 1 1709294400
            /etc/reftool/ghost 100644 root:root 0 g   0 1 0
            /etc/reftool/ghost2 100600 root:root 0 cmg   0 1 0
            /usr/bin/elf 104750 daemon:adm {elf.ToString(CultureInfo.InvariantCulture)}   cap_net_raw=ep 2 1 1709294400
            /usr/bin/reflink 120777 root:root 7  reftool  0 1 0
            /usr/bin/reftool 100755 root:root 6    0 1 1709294400
            /usr/share/doc/reftool/README 100644 root:root 4 dr   0 1 1709294400
            /usr/share/licenses/reftool/LICENSE 100644 root:root 4 l   0 1 1709294400
            /usr/share/reftool 40755 root:root 0    0 1 1709294400
            /usr/share/reftool/büro 100644 root:root 7 a   0 1 1709294400
            /usr/share/reftool/empty 40755 root:root 0    0 1 1709294400
            /usr/share/reftool/nothing 100644 root:root 0    0 1 1709294400
            /usr/share/reftool/one 100644 root:root 5    0 3 1709294400
            /usr/share/reftool/three 100644 root:root 5    0 3 1709294400
            /usr/share/reftool/two 100644 root:root 5    0 3 1709294400
            """,
            files);
    }

    [Fact]
    public async Task Rpm_prints_every_script_and_trigger()
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich());

        string scripts = await RpmFolder.RunAsync("rpm", "-qp", "--scripts", package.Path);
        Assert.Equal(
            """
            pretrans scriptlet (using <lua>):
            print("y")
            preinstall scriptlet (using /bin/sh):
            #!/bin/sh
            echo pre
            postinstall program: /sbin/ldconfig
            preuninstall scriptlet (using <lua>):
            print("x")
            postuninstall scriptlet (using /bin/sh):
            echo postun
            posttrans scriptlet (using /usr/bin/bash -x):
            echo hi
            verify scriptlet (using /bin/sh):
            echo verify

            """,
            scripts);

        string triggers = await RpmFolder.RunAsync("rpm", "-qp", "--triggers", package.Path);
        foreach (string part in new[] { "triggerin scriptlet (using /bin/sh) -- bar, foo > 1\necho trigin", "triggerun scriptlet (using <lua>) -- foo\nprint(\"z\")", "triggerpostun scriptlet (using /bin/sh) -- baz < 3\necho tpu", "triggerprein scriptlet (using /bin/sh) -- foo\necho tpi" })
        {
            Assert.Contains(part, triggers, StringComparison.Ordinal);
        }

        string fileTriggers = await RpmFolder.RunAsync("rpm", "-qp", "--filetriggers", package.Path);
        foreach (string part in new[] { "filetriggerin scriptlet (using /bin/sh) -- /etc, /usr/lib\necho ft", "filetriggerun scriptlet (using <lua>) -- /usr/lib\nprint(\"q\")", "transfiletriggerin scriptlet (using /bin/sh) -- /usr/share\necho tft", "transfiletriggerpostun scriptlet (using /bin/sh) -- /opt\necho tftpu" })
        {
            Assert.Contains(part, fileTriggers, StringComparison.Ordinal);
        }

        Assert.Equal("100,1000000,", await Query(package, "[%{FILETRIGGERPRIORITIES},]"));
        Assert.Equal("1000000,5,", await Query(package, "[%{TRANSFILETRIGGERPRIORITIES},]"));
    }

    private static async Task<string> Query(PackageFile package, string format) => (await RpmFolder.RunAsync("rpm", "-qp", "--qf", format, package.Path)).TrimEnd('\n');

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
