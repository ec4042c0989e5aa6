using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Integration.Versions;

public sealed class GitVersionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-git-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_version_follows_the_nearest_tag_that_is_one()
    {
        await GitAsync("init", "--quiet");
        await CommitAsync();
        await GitAsync("tag", "v1.4.0rc1");
        Assert.Equal("1.4.0rc1", await DescribeAsync());

        await CommitAsync();
        await GitAsync("tag", "v1-is-a-good-number");
        await GitAsync("tag", "nightly");
        string ahead = await DescribeAsync();
        Assert.Matches("^1\\.4\\.0rc1\\+1\\.g[0-9a-f]{7,}$", ahead);
        Assert.StartsWith("1.4.0~rc1+1+g", PackageVersionMapping.Map(ahead, VersionScheme.Pep440, VersionSpelling.Deb).Upstream, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Join(_folder, "file"), "changed");
        Assert.EndsWith(".dirty", await DescribeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_flocker_scheme_gets_what_it_can_read()
    {
        await GitAsync("init", "--quiet");
        await CommitAsync();
        await GitAsync("tag", "0.3.2");
        await File.WriteAllTextAsync(Path.Join(_folder, "file"), "changed");
        Assert.Equal("0.3.2.dirty", await DescribeAsync(VersionScheme.Flocker));
        await CommitAsync();
        Assert.Matches("^0\\.3\\.2-1-g[0-9a-f]{7,}$", await DescribeAsync(VersionScheme.FlockerDescribe));
        Assert.Equal("0.3.2", FlockerVersion.Parse(await DescribeAsync(VersionScheme.Flocker)).Release);
    }

    [Fact]
    public async Task A_tree_without_tag_or_without_git_is_an_error_that_says_what_to_do()
    {
        var error = await Assert.ThrowsAsync<OmnibusException>(() => DescribeAsync());
        Assert.Equal("VersionUnknown", error.Id);
        await GitAsync("init", "--quiet");
        await CommitAsync();
        await GitAsync("tag", "release-1");
        error = await Assert.ThrowsAsync<OmnibusException>(() => DescribeAsync());
        Assert.Equal("VersionUnknown", error.Id);
        Assert.Contains("Tag a commit", error.Advice, StringComparison.Ordinal);
    }

    private Task<string> DescribeAsync(VersionScheme scheme = VersionScheme.Pep440) => GitVersion.DescribeAsync(_folder, null, scheme);

    private async Task CommitAsync()
    {
        await File.AppendAllTextAsync(Path.Join(_folder, "file"), "line\n");
        await GitAsync("add", "file");
        await GitAsync("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "Change");
    }

    private Task GitAsync(params string[] arguments) => ProgramRunner.RunAsync(new ProgramCommand("git", ["-C", _folder, .. arguments]));
}
