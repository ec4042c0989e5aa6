using Omnibus.Core.Packages;

namespace Omnibus.Tests.Unit;

public class PackageVersionTests
{
    [Theory]
    [InlineData("1.4.0~rc1-1", "1.4.0~rc1", "1", 0)]
    [InlineData("2:1.0-2-3", "1.0-2", "3", 2)]
    [InlineData("1.0", "1.0", null, 0)]
    public void A_version_text_comes_apart_and_back(string text, string upstream, string? release, int epoch)
    {
        var version = PackageVersion.Parse(text);
        Assert.Equal(new PackageVersion(upstream, release, epoch), version);
        Assert.Equal(text, version.ToString());
    }
}
