using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Unit.Distributions;

public class DistributionCatalogTests
{
    [Theory]
    [InlineData("debian-11", "Deb", "debian", "bullseye", "amd64", "3.9", "2.31")]
    [InlineData("debian-12", "Deb", "debian", "bookworm", "amd64", "3.11", "2.36")]
    [InlineData("debian-13", "Deb", "debian", "trixie", "amd64", "3.13", "2.41")]
    [InlineData("ubuntu-20.04", "Deb", "ubuntu", "focal", "amd64", "3.8", "2.31")]
    [InlineData("ubuntu-22.04", "Deb", "ubuntu", "jammy", "amd64", "3.10", "2.35")]
    [InlineData("ubuntu-24.04", "Deb", "ubuntu", "noble", "amd64", "3.12", "2.39")]
    [InlineData("ubuntu-26.04", "Deb", "ubuntu", "resolute", "amd64", "3.14", "2.43")]
    [InlineData("centos-7", "Rpm", "rhel", null, "x86_64", "3.6", "2.17")]
    [InlineData("rhel-8", "Rpm", "rhel", null, "x86_64", "3.6", "2.28")]
    [InlineData("rocky-9", "Rpm", "rhel", null, "x86_64", "3.9", "2.34")]
    [InlineData("alma-10", "Rpm", "rhel", null, "x86_64", "3.12", "2.39")]
    [InlineData("fedora-43", "Rpm", "fedora", null, "x86_64", "3.14", "2.42")]
    [InlineData("amazon-2023", "Rpm", "amazon", null, "x86_64", "3.9", "2.34")]
    public void Omnibus_brings_the_distributions(string name, string format, string family, string? codename, string architecture, string python, string glibc)
    {
        Distribution distribution = DistributionCatalog.Shipped.Get(name);
        Assert.Equal((format, family, codename), (distribution.Format, distribution.Family, distribution.Codename));
        Assert.Equal((architecture, python, glibc), (distribution.ArchitectureName("x86_64"), distribution.Pythons[0].Version, distribution.GlibcVersion));
    }

    [Fact]
    public void Every_clone_has_its_own_system_id_and_the_tag_of_its_line()
    {
        Assert.Equal(("rocky", ".el9"), (DistributionCatalog.Shipped.Get("rocky-9").OsId, DistributionCatalog.Shipped.Get("rocky-9").DistTag));
        Assert.Equal(("almalinux", ".el8"), (DistributionCatalog.Shipped.Get("alma-8").OsId, DistributionCatalog.Shipped.Get("alma-8").DistTag));
        Assert.Equal(("centos", ".el10"), (DistributionCatalog.Shipped.Get("centos-stream-10").OsId, DistributionCatalog.Shipped.Get("centos-stream-10").DistTag));
        Assert.Equal(".amzn2023", DistributionCatalog.Shipped.Get("amazon-2023").DistTag);
        Assert.Equal(".fc44", DistributionCatalog.Shipped.Get("fedora-44").DistTag);
    }

    [Fact]
    public void Every_default_compression_is_one_that_the_package_manager_reads() =>
        Assert.All(DistributionCatalog.Shipped.All, d => Assert.Contains(d.Compression.Kind, d.PayloadCompressions));

    [Fact]
    public void An_old_dpkg_is_not_given_zstd() =>
        Assert.DoesNotContain(CompressionKind.Zstd, DistributionCatalog.Shipped.Get("debian-11").PayloadCompressions);

    [Fact]
    public void An_rpm_that_knows_no_caret_gets_versions_without_one()
    {
        Assert.Same(VersionSpelling.RpmWithoutCaret, DistributionCatalog.Shipped.Get("rocky-8").VersionSpelling);
        Assert.Same(VersionSpelling.Rpm, DistributionCatalog.Shipped.Get("rocky-9").VersionSpelling);
        Assert.Same(VersionSpelling.Deb, DistributionCatalog.Shipped.Get("ubuntu-22.04").VersionSpelling);
    }

    [Fact]
    public void An_unknown_distribution_is_an_error_that_names_near_ones()
    {
        var error = Assert.Throws<OmnibusException>(() => DistributionCatalog.Shipped.Get("debain-12"));
        Assert.Equal("DistributionUnknown", error.Id);
        Assert.Contains("did you mean 'debian-12'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_can_add_a_distribution_and_change_a_known_one()
    {
        using var file = new TemporaryText("distributions:\n- {name: mine-1, like: rocky-9, dist-tag: .my1, os-id: mine}\n- {name: debian-12, glibc: \"2.99\"}\n");
        DistributionCatalog catalog = DistributionCatalog.Shipped.WithFile(file.Path);
        Assert.Equal(("mine", ".my1", "Rpm"), (catalog.Get("mine-1").OsId, catalog.Get("mine-1").DistTag, catalog.Get("mine-1").Format));
        Assert.Equal(("2.99", "Debian 12 (bookworm)"), (catalog.Get("debian-12").GlibcVersion, catalog.Get("debian-12").Title));
        Assert.Equal("2.36", DistributionCatalog.Shipped.Get("debian-12").GlibcVersion);
    }

    [Theory]
    [InlineData("distributions:\n- {name: mine-1, like: rokcy-9}\n", "DistributionUnknown", "2:24", "did you mean 'rocky-9'")]
    [InlineData("distributions:\n- {name: mine-1, format: deb}\n", "RecipeMissingKey", "2:3", "lacks 'family'")]
    [InlineData("distributions:\n- {name: mine-1, like: rocky-9, formt: deb}\n", "RecipeUnknownKey", "2:33", "did you mean 'format'?")]
    public void A_mistake_in_a_file_is_told_with_its_place(string text, string id, string place, string part)
    {
        using var file = new TemporaryText(text);
        var error = Assert.Throws<OmnibusException>(() => DistributionCatalog.Shipped.WithFile(file.Path));
        Assert.Equal(id, error.Id);
        Assert.StartsWith($"{file.Path}:{place}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private sealed class TemporaryText : IDisposable
    {
        public TemporaryText(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
