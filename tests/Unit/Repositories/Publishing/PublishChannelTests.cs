using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Publishing;

namespace Omnibus.Tests.Unit.Repositories;

public class PublishChannelTests
{
    [Theory]
    [InlineData("0.3.3-1", true)]
    [InlineData("0.3.2-1.el9", true)]
    [InlineData("2:1.4.0-1ubuntu2", true)]
    [InlineData("1.4.0", true)]
    [InlineData("1.4.0-1+deb12u1", true)]
    [InlineData("0.3.3-0.dev.1", false)]
    [InlineData("0.3.3-0.rc.11", false)]
    [InlineData("0.1.0-1.99.g3d644b1", false)]
    [InlineData("0.3.2-1.1.gf661a6a.dirty", false)]
    [InlineData("1.4.0~rc1-1", false)]
    [InlineData("1.4.0~~dev3-1", false)]
    [InlineData("1.4.0+3.gabcdef0-1", false)]
    public void A_release_is_told_from_a_test_version_by_its_spelling(string version, bool release) =>
        Assert.Equal(release, PublishChannel.IsRelease(version));

    [Theory]
    [InlineData("centos-7", "x86_64", true, "centos/7/x86_64")]
    [InlineData("centos-7", "x86_64", false, "centos-testing/7/x86_64")]
    [InlineData("ubuntu-14.04", "amd64", false, "ubuntu-testing/14.04/amd64")]
    [InlineData("centos-stream-9", "x86_64", true, "centos-stream/9/x86_64")]
    public void The_usual_channel_is_the_ancestors_layout(string distribution, string architecture, bool release, string folder) =>
        Assert.Equal(folder, PublishChannel.Usual.Expand(distribution, architecture, release));

    [Fact]
    public void A_given_suffix_is_for_every_package() =>
        Assert.Equal("debian-nightly/12/amd64", (PublishChannel.Usual with { Suffix = "-nightly" }).Expand("debian-12", "amd64", release: true));

    [Theory]
    [InlineData("{nothing}/x", "debian-12", "PublishChannelInvalid")]
    [InlineData("../{distribution}", "debian-12", "PublishChannelInvalid")]
    [InlineData("{distribution}/{version}", null, "PublishDistributionUnknown")]
    [InlineData("{distribution}/{version}", "debian", "PublishDistributionUnknown")]
    public void A_wrong_channel_is_a_clear_error(string template, string? distribution, string id) =>
        Assert.Equal(id, Assert.Throws<OmnibusException>(() => new PublishChannel(template).Expand(distribution, "amd64", release: true)).Id);
}
