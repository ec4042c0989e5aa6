using Omnibus.Core.Packages;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Unit.Versions;

public class PackageVersionComparerTests
{
    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "1.0-0", 0)]
    [InlineData("1.0-1", "1.0-1.1", -1)]
    [InlineData("1.0~rc1-1", "1.0-1", -1)]
    [InlineData("1.0~~", "1.0~", -1)]
    [InlineData("1:0.1", "2.0", 1)]
    [InlineData("0:1.0", "1.0", 0)]
    [InlineData("1.2", "1.10", -1)]
    [InlineData("1.0a", "1.0+", -1)]
    [InlineData("1.0+", "1.0.", -1)]
    [InlineData("1.007", "1.7", 0)]
    [InlineData("1.0-1-2", "1.0-1-3", -1)]
    [InlineData("99999999999999999999", "100000000000000000000", -1)]
    public void Debs_are_ordered_as_dpkg_does(string left, string right, int expected)
    {
        Assert.Equal(expected, DebVersionComparer.Instance.Compare(left, right));
        Assert.Equal(-expected, DebVersionComparer.Instance.Compare(right, left));
    }

    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "1.0.0", -1)]
    [InlineData("2.0.1a", "2.0.1", 1)]
    [InlineData("10.0001", "10.1", 0)]
    [InlineData("2_0", "2.0", 0)]
    [InlineData("xyz.4", "8", -1)]
    [InlineData("1.0~rc1", "1.0", -1)]
    [InlineData("1.0~rc1~git123", "1.0~rc1", -1)]
    [InlineData("1.0^", "1.0", 1)]
    [InlineData("1.0^git1", "1.0.1", -1)]
    [InlineData("1.0^git1~pre", "1.0^git1", -1)]
    [InlineData("1.0~rc1^git1", "1.0~rc1", 1)]
    [InlineData("1.0-1", "1.0-2", -1)]
    [InlineData("1:1.0", "2.0", 1)]
    [InlineData("a+", "a_", 0)]
    [InlineData("1.0.", "1.0", 0)]
    public void Rpms_are_ordered_as_rpm_does(string left, string right, int expected)
    {
        Assert.Equal(expected, RpmVersionComparer.Instance.Compare(left, right));
        Assert.Equal(-expected, RpmVersionComparer.Instance.Compare(right, left));
    }

    [Fact]
    public void Versions_in_parts_are_ordered_like_versions_as_text()
    {
        Assert.True(DebVersionComparer.Instance.Compare(new PackageVersion("1.0~rc1", "1"), new PackageVersion("1.0", "1")) < 0);
        Assert.True(RpmVersionComparer.Instance.Compare(new PackageVersion("1.0", "1", 1), new PackageVersion("1.0", "2")) > 0);
    }
}
