using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Tests.Unit.Vms;

public sealed class HostAptSourcesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("aptsrc-").FullName;

    public HostAptSourcesTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "etc/apt/sources.list.d"));
        File.WriteAllText(Path.Combine(_root, "etc/os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
        Write("sources.list", "# nothing\ndeb [arch=amd64 signed-by=/k] http://mirror.example/debian bookworm main contrib # c\ndeb-src http://mirror.example/debian bookworm main\n");
        Write("sources.list.d/a.sources", """
            Types: deb deb-src
            # comment
            URIs: http://mirror.example/debian-security
            Suites: bookworm-security
              bookworm-updates
            Components: main

            Types: deb
            URIs: http://other.example/vendor
            Suites: bookworm
            Components: main

            Types: deb
            Enabled: no
            URIs: http://off.example/debian
            Suites: bookworm
            Components: main
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_archives_of_the_hosts_own_release_are_taken_and_other_vendors_are_not() =>
        Assert.Equal(
            ["deb http://mirror.example/debian bookworm main", "deb http://mirror.example/debian-security bookworm-security main", "deb http://mirror.example/debian-security bookworm-updates main"],
            HostAptSources.Read(_root).For("debian", "bookworm").Select(source => source.ToString()));

    [Fact]
    public void Another_release_comes_from_the_same_mirror() =>
        Assert.Equal("deb http://mirror.example/debian trixie main", HostAptSources.Read(_root).For("debian", "trixie")[0].ToString());

    [Fact]
    public void An_archive_that_is_configured_for_the_release_goes_first()
    {
        Write("sources.list.d/b.list", "deb http://near.example/debian/ trixie main\n");
        Assert.Equal(["deb http://near.example/debian trixie main"], HostAptSources.Read(_root).For("debian", "trixie").Select(source => source.ToString()));
    }

    [Fact]
    public void A_distribution_that_the_host_knows_no_mirror_of_is_refused_unless_one_is_given()
    {
        Assert.Equal("MirrorUnknown", Assert.Throws<OmnibusException>(() => HostAptSources.Read(_root).For("ubuntu", "noble")).Id);
        Assert.Equal("deb http://m.example/ubuntu noble main universe", HostAptSources.Read(_root).For("ubuntu", "noble", "http://m.example/ubuntu/")[0].ToString());
    }

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(_root, "etc/apt", path), text);
}
