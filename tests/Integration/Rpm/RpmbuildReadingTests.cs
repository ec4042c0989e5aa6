using System.Globalization;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Integration.Rpm;

/// <summary>Packages that rpmbuild made, read by us and by rpm.</summary>
public sealed class RpmbuildReadingTests : IDisposable
{
    private const string Spec = """
        Name: built
        Version: 1.2~rc1
        Release: 3
        Epoch: 2
        Summary: A package of rpmbuild
        License: MIT
        URL: https://example.com/
        Vendor: Example
        Packager: A B <a@example.com>
        Requires: plain
        Requires: bound >= 1.0-2
        Requires(pre,post): prepost
        Requires(posttrans): posttransreq
        Requires(meta): metareq
        Requires: (rich-a or rich-b)
        Recommends: rec > 1
        Suggests: sug < 2
        Supplements: sup
        Enhances: enh <= 3
        Provides: virtual = 7
        Conflicts: conf < 1
        Obsoletes: obs < 2
        %global debug_package %{nil}
        %global __os_install_post %{nil}
        %global _build_id_links none
        %description
        A long
        text.
        %install
        mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/built %{buildroot}/usr/share/built/empty
        echo hello > %{buildroot}/usr/bin/built
        echo conf > %{buildroot}/etc/built/a.conf
        echo conf > %{buildroot}/etc/built/b.conf
        echo data > %{buildroot}/usr/share/built/one
        ln %{buildroot}/usr/share/built/one %{buildroot}/usr/share/built/two
        ln -s ../bin/built %{buildroot}/usr/bin/link
        %files
        %attr(755,root,root) /usr/bin/built
        /usr/bin/link
        %config /etc/built/a.conf
        %config(noreplace) %attr(4750,daemon,adm) /etc/built/b.conf
        /usr/share/built
        %ghost /etc/built/ghost
        %pre
        echo pre
        %post -p /sbin/ldconfig
        %preun -p <lua>
        print("x")
        %triggerin -- foo > 1, bar
        echo trigin
        %filetriggerin -P 100 -- /usr/lib /etc
        echo ft
        %changelog
        * Mon Jan 02 2023 A B <a@example.com> - 1.2-1
        - one
        - two
        """;

    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("w9.gzdio")]
    [InlineData("w3.zstdio")]
    [InlineData("w2.xzdio")]
    [InlineData("w9.bzdio")]
    public async Task A_package_of_rpmbuild_is_read_as_rpm_reads_it(string payload)
    {
        string spec = _folder.At("built.spec");
        await File.WriteAllTextAsync(spec, Spec);
        await RpmFolder.RunAsync("rpmbuild", "-bb", "--quiet", "--define", $"_topdir {_folder.At("top")}", "--define", $"_rpmdir {_folder.At("out")}", "--define", $"_binary_payload {payload}", spec);
        string path = Assert.Single(Directory.GetFiles(_folder.At("out"), "*.rpm", SearchOption.AllDirectories));

        PackageFile package = await PackageFormats.ReadAsync(path, PackageReadParts.All, CancellationToken.None);

        Assert.Equal(
            await Query(path, "%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{SUMMARY}|%{DESCRIPTION}|%{PACKAGER}|%{VENDOR}|%{LICENSE}|%{URL}|%{GROUP}|%{SIZE}"),
            string.Create(CultureInfo.InvariantCulture, $"{package.Name}|{package.Epoch}|{package.Version}|{package.Release}|{package.Architecture}|{package.Summary}|{package.Description}|{package.Maintainer}|{package.Vendor}|{package.License}|{package.Homepage}|{package.Section}|{package.InstalledSize}"));
        Assert.Equal(
            await Query(path, "[%{FILENAMES}|%{FILEMODES:octal}|%{FILEUSERNAME}|%{FILEGROUPNAME}|%{FILESIZES}|%{FILEMTIMES}|%{FILEDIGESTS}|%{FILEFLAGS:fflags}\n]"),
            string.Join('\n', package.Files.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Path}|{TypeOf(f)}{Convert.ToString(f.Mode, 8).PadLeft(4, '0')}|{f.Owner}|{f.Group}|{f.Size}|{f.ModifiedTime.ToUnixTimeSeconds()}|{f.Digest}|{Flags(f)}"))));
        Assert.Equal(["/usr/share/built/one"], package.Files.Where(f => f.Kind == PackageEntryKind.HardLink).Select(f => f.LinkTarget));
        Assert.Equal(["../bin/built"], package.Files.Where(f => f.Kind == PackageEntryKind.SymbolicLink).Select(f => f.LinkTarget));

        foreach ((RelationKind kind, string option) in new[]
        {
            (RelationKind.Depends, "--requires"), (RelationKind.Provides, "--provides"), (RelationKind.Conflicts, "--conflicts"), (RelationKind.Obsoletes, "--obsoletes"),
            (RelationKind.Recommends, "--recommends"), (RelationKind.Suggests, "--suggests"), (RelationKind.Supplements, "--supplements"), (RelationKind.Enhances, "--enhances"),
        })
        {
            string theirs = (await RpmFolder.RunAsync("rpm", "-qp", option, path)).TrimEnd('\n');
            string[] ours = [.. package.Relations.Where(r => r.Kind == kind).Select(Text)];
            Assert.Equal(theirs.Split('\n'), ours);
        }

        Assert.Equal(["PreInstall=echo pre", "PostInstall=", "PreRemove=print(\"x\")"], package.Scripts.Select(s => $"{s.Kind}={s.Text}"));
        Assert.Equal(["Install bar,foo echo trigin 1000000", "FileInstall /etc,/usr/lib echo ft 100"], package.Triggers.Select(t => $"{t.Kind} {string.Join(',', t.Targets.Select(x => x.Name))} {t.Script} {t.Priority}"));
        Assert.Equal(["one", "two"], Assert.Single(package.Changelog).Changes);
        Assert.Equal((await RpmFolder.RunAsync("sha256sum", path))[..64], package.Sha256);
        Assert.Empty(await RpmVerifier.CheckAsync(path, CancellationToken.None));
    }

    [Fact]
    public async Task A_source_package_is_told_by_its_architecture()
    {
        string spec = _folder.At("built.spec");
        await File.WriteAllTextAsync(spec, Spec);
        await RpmFolder.RunAsync("rpmbuild", "-bs", "--quiet", "--define", $"_topdir {_folder.At("top")}", "--define", $"_srcrpmdir {_folder.At("out")}", spec);
        PackageFile package = await PackageFormats.ReadAsync(Directory.GetFiles(_folder.At("out")).Single(), PackageReadParts.Files, CancellationToken.None);
        Assert.Equal("src", package.Architecture);
        Assert.Equal(["built.spec"], package.Files.Select(f => f.Path));
    }

    private static async Task<string> Query(string path, string format) => (await RpmFolder.RunAsync("rpm", "-qp", "--qf", format, path)).TrimEnd('\n');

    private static string TypeOf(PackageFileEntry file) => file.Kind switch
    {
        PackageEntryKind.Directory => "4",
        PackageEntryKind.SymbolicLink => "12",
        _ => "10",
    };

    private static string Flags(PackageFileEntry file) =>
        (file.Flags.HasFlag(PackageEntryFlags.Config) ? "c" : string.Empty)
        + (file.Flags.HasFlag(PackageEntryFlags.NoReplace) ? "n" : string.Empty)
        + (file.Kind == PackageEntryKind.Ghost ? "g" : string.Empty);

    private static string Text(PackageRelation relation)
    {
        if (relation.RichExpression is { } rich)
        {
            return rich;
        }

        RelationTarget target = relation.Alternatives[0];
        string op = target.Operator switch
        {
            RelationOperator.Less => "<",
            RelationOperator.LessOrEqual => "<=",
            RelationOperator.Equal => "=",
            RelationOperator.GreaterOrEqual => ">=",
            _ => ">",
        };
        return target.Operator == RelationOperator.Any ? target.Name : $"{target.Name} {op} {target.Version}";
    }
}
