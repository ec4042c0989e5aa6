using Omnibus.Core.Diagnostics;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Unit.Versions;

public class FlockerVersionTests
{
    [Theory]
    [InlineData("0.1.0", "0.1.0", "1", "")]
    [InlineData("0.1.0+99.g3d644b1", "0.1.0", "1.99.g3d644b1", "-testing")]
    [InlineData("0.1.1rc1", "0.1.1", "0.rc.1", "-testing")]
    [InlineData("0.1.1", "0.1.1", "1", "")]
    [InlineData("0.2.0.dev1", "0.2.0", "0.dev.1", "-testing")]
    [InlineData("0.2.0.dev2+99.g3d644b1", "0.2.0", "0.dev.2.99.g3d644b1", "-testing")]
    [InlineData("0.2.0.dev3+100.g3d644b2.dirty", "0.2.0", "0.dev.3.100.g3d644b2.dirty", "-testing")]
    [InlineData("0.3.0.dev1+307.gb6d6e9f.dirty", "0.3.0", "0.dev.1.307.gb6d6e9f.dirty", "-testing")]
    [InlineData("0.3.2", "0.3.2", "1", "")]
    [InlineData("0.3.2.dev1", "0.3.2", "0.dev.1", "-testing")]
    [InlineData("0.3.2rc1", "0.3.2", "0.rc.1", "-testing")]
    [InlineData("0.3.2+1.gf661a6a", "0.3.2", "1.1.gf661a6a", "-testing")]
    [InlineData("0.3.2+1.gf661a6a.dirty", "0.3.2", "1.1.gf661a6a.dirty", "-testing")]
    [InlineData("0.3.2.post11", "0.3.2", "1", "")]
    [InlineData("0.3.2.post11+1.gf661a6a.dirty", "0.3.2", "1.1.gf661a6a.dirty", "-testing")]
    [InlineData("0.3.2pre11+1.gf661a6a", "0.3.2", "0.rc.11.1.gf661a6a", "-testing")]
    [InlineData("0.3.2+doc11.1.gf661a6a", "0.3.2", "1.1.gf661a6a", "-testing")]
    [InlineData("0.2.0dev1", "0.2.0", "0.dev.1", "-testing")]
    [InlineData("0.3.2.dirty", "0.3.2", "1.dirty", "-testing")]
    public void The_version_table_holds(string text, string upstream, string release, string suffix)
    {
        var version = FlockerVersion.Parse(text);
        Assert.Equal((upstream, release), (version.PackageVersion.Upstream, version.PackageVersion.Release));
        Assert.Equal(suffix, version.ChannelSuffix);
    }

    [Theory]
    [InlineData("0.1.0", "0.1.0", "1")]
    [InlineData("0.1.0-99-g3d644b1", "0.1.0", "1.99.g3d644b1")]
    [InlineData("0.1.1pre1", "0.1.1", "0.pre.1")]
    [InlineData("0.1.1", "0.1.1", "1")]
    [InlineData("0.2.0dev1", "0.2.0", "0.dev.1")]
    [InlineData("0.2.0dev2-99-g3d644b1", "0.2.0", "0.dev.2.99.g3d644b1")]
    [InlineData("0.2.0dev3-100-g3d644b2-dirty", "0.2.0", "0.dev.3.100.g3d644b2.dirty")]
    public void The_older_grammar_holds(string text, string upstream, string release)
    {
        var version = FlockerVersion.Parse(text, FlockerGrammar.GitDescribe);
        Assert.Equal((upstream, release), (version.PackageVersion.Upstream, version.PackageVersion.Release));
    }

    [Theory]
    [InlineData("0.1.2rcX")]
    [InlineData("unparseable")]
    [InlineData("0.1.2\n")]
    [InlineData(" 0.1.2")]
    [InlineData("0x1y2")]
    [InlineData("0.1")]
    [InlineData("0.1.2.3")]
    [InlineData("0.1.2rc")]
    [InlineData("0.3.2+1.gF661A6A")]
    [InlineData("0.3.2+1.f661a6a")]
    [InlineData("0.3.2.1.gf661a6a")]
    [InlineData("0.3.2+doc11+1.gf661a6a")]
    [InlineData("0.3.2Xdev1")]
    [InlineData("٠.٣.٢")]
    public void Other_texts_are_refused(string text)
    {
        var error = Assert.Throws<OmnibusException>(() => FlockerVersion.Parse(text));
        Assert.Equal("VersionInvalid", error.Id);
    }

    [Fact]
    public void The_older_grammar_refuses_a_label_without_number() =>
        Assert.Null(FlockerVersion.TryParse("0.1.2preX", FlockerGrammar.GitDescribe));

    [Theory]
    [InlineData("0.3.2.dev1", "0.3.2.dev1", false, true, false)]
    [InlineData("0.3.2rc1", "0.3.2rc1", false, false, true)]
    [InlineData("0.3.2rc1.dev2", "0.3.2.dev2", false, false, false)]
    [InlineData("0.3.2rc1.dirty", "0.3.2rc1", false, false, false)]
    [InlineData("0.3.2.post1", "0.3.2", true, false, false)]
    [InlineData("0.3.2.post1+2.gabc", "0.3.2", false, false, false)]
    public void The_derived_values_follow_the_rules(string text, string installable, bool release, bool weekly, bool pre)
    {
        var version = FlockerVersion.Parse(text);
        Assert.Equal(installable, version.InstallableVersion);
        Assert.Equal((release, weekly, pre), (version.IsRelease, version.IsWeekly, version.IsPreRelease));
    }
}
