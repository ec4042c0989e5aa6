using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Testing;

namespace Omnibus.Tests.Unit.Vms;

public sealed class PackageManagerTests
{
    [Theory]
    [InlineData("Deb", null, "Deb")]
    [InlineData("Rpm", null, "Rpm")]
    [InlineData(null, "Yum", "Rpm")]
    [InlineData("Deb", "Apt", "Deb")]
    public void It_is_chosen_by_what_is_tested(string? package, string? repository, string expected) =>
        Assert.Equal(expected, PackageManager.For(package is null ? [] : [package], repository).Format);

    [Fact]
    public void Formats_are_not_mixed()
    {
        Assert.Equal("PackageTestUnsupported", Assert.Throws<OmnibusException>(() => PackageManager.For(["Deb", "Rpm"], null)).Id);
        Assert.Equal("PackageTestUnsupported", Assert.Throws<OmnibusException>(() => PackageManager.For(["Deb"], "Yum")).Id);
    }

    [Fact]
    public void What_an_installation_says_of_itself_is_found_in_its_output() =>
        Assert.Equal("a 1.0, b 2:1.0-3", PackageManager.Installed("Setting up a\nomnibus-installed a 1.0\nomnibus-installed b 2:1.0-3\n"));
}
