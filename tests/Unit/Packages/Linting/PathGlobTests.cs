using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Linting;

namespace Omnibus.Tests.Unit;

public sealed class PathGlobTests
{
    [Theory]
    [InlineData("/opt/**", "/opt/a/b", true)]
    [InlineData("/opt/**", "/opt", false)]
    [InlineData("/opt/*", "/opt/a", true)]
    [InlineData("/opt/*", "/opt/a/b", false)]
    [InlineData("/opt/*/b", "/opt/a/b", true)]
    [InlineData("/opt/*/b", "/opt/a/c/b", false)]
    [InlineData("**/*.pyc", "/opt/a/b.pyc", true)]
    [InlineData("**/x/*.py?", "/a/x/y/x/b.pyc", true)]
    [InlineData("/a?c", "/abc", true)]
    [InlineData("/a?c", "/a/c", false)]
    [InlineData("/etc/notes.conf", "/etc/notes.conf", true)]
    [InlineData("/etc/notes.conf", "/etc/notes.conf2", false)]
    [InlineData("/*/**/z", "/a/b/c/z", true)]
    [InlineData("", "/a", false)]
    public void Stars_stay_within_a_name_and_two_go_through_folders(string glob, string path, bool expected) =>
        Assert.Equal(expected, PathGlob.Matches(glob, path));

    [Fact]
    public void A_malicious_glob_does_not_take_for_ever() =>
        Assert.False(PathGlob.Matches(string.Concat(Enumerable.Repeat("**a*", 200)) + "x", "/" + new string('a', 4000)));

    [Fact]
    public void An_allowance_holds_for_its_tag_package_and_path_alone()
    {
        var finding = new Finding("some-tag", FindingSeverity.Error, "m", "notes", "/opt/notes/x", "lintian");
        Assert.True(new LintAllowance("some-tag").Accepts(finding, "notes"));
        Assert.False(new LintAllowance("some").Accepts(finding, "notes"));
        Assert.True(new LintAllowance("some-tag") { Packages = ["notes"] }.Accepts(finding, "notes"));
        Assert.False(new LintAllowance("some-tag") { Packages = ["other"] }.Accepts(finding, "notes"));
        Assert.True(LintAllowance.Parse("some-tag /opt/**").Accepts(finding, "notes"));
        Assert.False(LintAllowance.Parse("some-tag /usr/**").Accepts(finding, "notes"));
        Assert.False(LintAllowance.Parse("some-tag /usr/**").Accepts(finding with { Path = null }, "notes"));
    }
}
