using Omnibus.Core.Diagnostics;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Unit.Versions;

public class PackageVersionMappingTests
{
    [Theory]
    [InlineData("1.4.0", "1.4.0-1", "1.4.0-1", "1.4.0-1")]
    [InlineData("1.4", "1.4.0-1", "1.4.0-1", "1.4.0-1")]
    [InlineData("1.4.0.0", "1.4.0-1", "1.4.0-1", "1.4.0-1")]
    [InlineData("1.4.0.2.0", "1.4.0.2-1", "1.4.0.2-1", "1.4.0.2-1")]
    [InlineData("1.4.0rc1", "1.4.0~rc1-1", "1.4.0~rc1-1", "1.4.0~rc1-1")]
    [InlineData("1.4.0.dev5", "1.4.0~~dev5-1", "1.4.0~~dev5-1", "1.4.0~~dev5-1")]
    [InlineData("1.4.0a1.dev5", "1.4.0~a1~dev5-1", "1.4.0~a1~dev5-1", "1.4.0~a1~dev5-1")]
    [InlineData("1.4.0.post1", "1.4.0+post1-1", "1.4.0^post1-1", "1.4.0.post1-1")]
    [InlineData("1.4.0.post1.dev2", "1.4.0+post1~dev2-1", "1.4.0^post1~dev2-1", "1.4.0.post1~dev2-1")]
    [InlineData("1.4.0+5.g3d644b1", "1.4.0+5+g3d644b1-1", "1.4.0^local.5.g3d644b1-1", "1.4.0.local.5.g3d644b1-1")]
    [InlineData("1.4.0+5.g3d644b1.dirty", "1.4.0+5+g3d644b1+dirty-1", "1.4.0^local.5.g3d644b1.dirty-1", "1.4.0.local.5.g3d644b1.dirty-1")]
    [InlineData("1.4.0+ubuntu.1", "1.4.0+~ubuntu0.1-1", "1.4.0^local.ubuntu.1-1", "1.4.0.local.ubuntu.1-1")]
    [InlineData("1.4.0+el9x", "1.4.0+~elJx-1", "1.4.0^local.elJx-1", "1.4.0.local.elJx-1")]
    [InlineData("2!1.4.0", "2:1.4.0-1", "2:1.4.0-1", "2:1.4.0-1")]
    public void The_spellings_are_those_of_the_guide(string version, string deb, string rpm, string oldRpm)
    {
        Assert.Equal(deb, PackageVersionMapping.Map(version, VersionScheme.Pep440, VersionSpelling.Deb).ToString());
        Assert.Equal(rpm, PackageVersionMapping.Map(version, VersionScheme.Pep440, VersionSpelling.Rpm).ToString());
        Assert.Equal(oldRpm, PackageVersionMapping.Map(version, VersionScheme.Pep440, VersionSpelling.RpmWithoutCaret).ToString());
    }

    [Fact]
    public void The_release_and_the_tag_of_the_distribution_follow_the_version() =>
        Assert.Equal("1.4.0-3.el9", PackageVersionMapping.Map("1.4.0", VersionScheme.Pep440, VersionSpelling.Rpm, "3", ".el9").ToString());

    [Fact]
    public void The_flocker_scheme_is_the_same_for_every_format()
    {
        Assert.Equal("0.3.2-0.rc.1", PackageVersionMapping.Map("0.3.2rc1", VersionScheme.Flocker, VersionSpelling.Deb).ToString());
        Assert.Equal("0.3.2-0.rc.1", PackageVersionMapping.Map("0.3.2rc1", VersionScheme.Flocker, VersionSpelling.Rpm).ToString());
        Assert.Equal("0.2.0-0.dev.2.99.g3d644b1", PackageVersionMapping.Map("0.2.0dev2-99-g3d644b1", VersionScheme.FlockerDescribe, VersionSpelling.Rpm).ToString());
    }

    [Theory]
    [InlineData("nonsense", VersionScheme.Pep440, null, "VersionInvalid")]
    [InlineData("2147483648!1.0", VersionScheme.Pep440, null, "VersionInvalid")]
    [InlineData("1.0", VersionScheme.Flocker, null, "VersionInvalid")]
    [InlineData("1.0.0", VersionScheme.Flocker, "2", "ReleaseNotAllowed")]
    public void What_cannot_be_mapped_is_an_error(string version, VersionScheme scheme, string? release, string id) =>
        Assert.Equal(id, Assert.Throws<OmnibusException>(() => PackageVersionMapping.Map(version, scheme, VersionSpelling.Deb, release)).Id);
}
