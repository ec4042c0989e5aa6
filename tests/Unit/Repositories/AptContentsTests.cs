using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class AptContentsTests : IDisposable
{
    private static readonly RepositoryConfiguration s_configuration = RepositorySandbox.Configuration with
    {
        Architectures = ["amd64", "arm64"],
        Components = ["main", "extra"],
        Apt = new AptConfiguration { Codename = "stable", Contents = true },
    };

    private readonly RepositorySandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task The_list_of_each_architecture_holds_the_files_of_all_architectures_too()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration);
        await RepositorySandbox.ImportAsync(
            repository,
            await _sandbox.DebAsync("tool", "1", "amd64", "a", ["/usr/bin/tool", "/usr/share/a name with blanks"]),
            await _sandbox.DebAsync("other", "1", "arm64", "b", ["/usr/bin/tool"]),
            await _sandbox.DebAsync("data", "1", "all", "c", ["/usr/share/data"]));
        Assert.Equal(
            [("usr/bin/tool", "utils/tool"), ("usr/share/a name with blanks", "utils/tool"), ("usr/share/data", "utils/data")], Lines("main/Contents-amd64.gz"));
        Assert.Equal([("usr/bin/tool", "utils/other"), ("usr/share/data", "utils/data")], Lines("main/Contents-arm64.gz"));
        Assert.Empty(Lines("extra/Contents-amd64.gz"));
        await AssertSoundAsync(repository);
    }

    [Fact]
    public async Task A_path_stays_as_long_as_a_published_version_brings_it()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration);
        await RepositorySandbox.ImportAsync(
            repository,
            await _sandbox.DebAsync("tool", "1", "amd64", "a", ["/usr/bin/tool", "/usr/bin/old"]),
            await _sandbox.DebAsync("tool", "2", "amd64", "b", ["/usr/bin/tool", "/usr/bin/new"]),
            await _sandbox.DebAsync("twin", "1", "amd64", "c", ["/usr/bin/tool"]));
        Assert.Equal([("usr/bin/new", "utils/tool"), ("usr/bin/old", "utils/tool"), ("usr/bin/tool", "utils/tool,utils/twin")], Lines("main/Contents-amd64.gz"));
        await RepositorySandbox.RemoveAsync(repository, p => p.Version == "1" && p.Name == "tool");
        Assert.Equal([("usr/bin/new", "utils/tool"), ("usr/bin/tool", "utils/tool,utils/twin")], Lines("main/Contents-amd64.gz"));
        await RepositorySandbox.RemoveAsync(repository, p => p.Name == "tool");
        Assert.Equal([("usr/bin/tool", "utils/twin")], Lines("main/Contents-amd64.gz"));
        await AssertSoundAsync(repository);
    }

    [Fact]
    public async Task One_package_more_reads_no_other_package()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("first", "1"), await _sandbox.DebAsync("second", "1"));
        Directory.Delete(Path.Combine(_sandbox.Folder, "pool/main/f"), recursive: true);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("third", "1"));
        Assert.Equal(["utils/first", "utils/second", "utils/third"], Lines("main/Contents-amd64.gz").Select(l => l.Owners));
    }

    [Fact]
    public async Task The_same_packages_give_the_same_bytes_whatever_the_history()
    {
        var debs = new List<string>();
        for (int i = 0; i < 40; i++)
        {
            debs.Add(await _sandbox.DebAsync($"p{i:00}", "1", "amd64", "x", [.. Enumerable.Range(0, 400).Select(n => $"/usr/share/d{n % 7}/p{i:00}/{n}")]));
        }

        Repository atOnce = await _sandbox.CreateAsync(s_configuration);
        await RepositorySandbox.ImportAsync(atOnce, [.. debs]);
        byte[] expected = File.ReadAllBytes(Path.Combine(_sandbox.Folder, "dists/stable/main/Contents-amd64.gz"));

        using var other = new RepositorySandbox();
        Repository stepwise = await other.CreateAsync(s_configuration);
        string passing = await other.DebAsync("passing", "1", "amd64", "y", ["/usr/share/d3/passing", "/usr/share/d3/p07/9", "/zz"]);
        await RepositorySandbox.ImportAsync(stepwise, [.. debs.Where((_, i) => i % 3 == 0)]);
        await RepositorySandbox.ImportAsync(stepwise, [.. debs.Where((_, i) => i % 3 == 1), passing]);
        await RepositorySandbox.RemoveAsync(stepwise, p => p.Name == "passing");
        foreach (string deb in debs.Where((_, i) => i % 3 == 2))
        {
            await RepositorySandbox.ImportAsync(stepwise, deb);
        }

        Assert.Equal(expected, File.ReadAllBytes(Path.Combine(other.Folder, "dists/stable/main/Contents-amd64.gz")));
        Assert.Equal(16000, Lines("main/Contents-amd64.gz").Length);
    }

    [Fact]
    public async Task Switched_on_later_it_is_made_from_the_published_packages_and_switched_off_it_is_not_named_any_more()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration with { Apt = new AptConfiguration { Codename = "stable" } });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1"), await _sandbox.DebAsync("data", "1", "all"));
        repository = await RepositorySandbox.ReconfigureAsync(repository, s_configuration);
        Assert.Equal(["utils/data", "utils/tool"], Lines("main/Contents-amd64.gz").Select(l => l.Owners));
        Assert.Equal(["utils/data"], Lines("main/Contents-arm64.gz").Select(l => l.Owners));

        repository = await RepositorySandbox.ReconfigureAsync(repository, s_configuration with { Architectures = ["amd64", "arm64", "riscv64"] });
        Assert.Equal(["utils/data"], Lines("main/Contents-riscv64.gz").Select(l => l.Owners));
        await AssertSoundAsync(repository);

        await RepositorySandbox.ReconfigureAsync(repository, s_configuration with { Apt = new AptConfiguration { Codename = "stable" } });
        Assert.DoesNotContain("Contents", File.ReadAllText(Path.Combine(_sandbox.Folder, "dists/stable/Release")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flat_repository_has_them_beside_its_packages()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration with { Layout = RepositoryLayout.Flat, Components = [] });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1"));
        Assert.Equal(["utils/tool"], Lines("../../Contents-amd64.gz").Select(l => l.Owners));
        await AssertSoundAsync(repository);
    }

    [Fact]
    public async Task A_list_that_names_strangers_is_found_by_the_check()
    {
        Repository repository = await _sandbox.CreateAsync(s_configuration with { GracePeriod = TimeSpan.FromDays(1) });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", "1"));
        string release = Path.Combine(_sandbox.Folder, "dists/stable/Release");
        string[] before = File.ReadAllLines(release);
        await RepositorySandbox.RemoveAsync(repository, p => true);
        File.WriteAllLines(release, [.. File.ReadAllLines(release).Where(l => !l.Contains("main/Contents-amd64", StringComparison.Ordinal)), .. before.Where(l => l.Contains("main/Contents-amd64", StringComparison.Ordinal))]);
        Finding finding = Assert.Single(await FindingsAsync(repository), f => f.Id == "RepositoryIndexStale");
        Assert.Contains("utils/tool", finding.Message, StringComparison.Ordinal);
    }

    private static async Task<List<Finding>> FindingsAsync(Repository repository)
    {
        var findings = new List<Finding>();
        await foreach (Finding finding in new RepositoryCheck(repository).RunAsync(null, CancellationToken.None))
        {
            findings.Add(finding);
        }

        return findings;
    }

    private static async Task AssertSoundAsync(Repository repository) =>
        Assert.DoesNotContain(await FindingsAsync(repository), f => f.Severity is FindingSeverity.Warning or FindingSeverity.Error && f.Id != "RepositoryFileUnreferenced");

    // Without the documentation that every package brings.
    private (string Path, string Owners)[] Lines(string index) => [.. _sandbox.Index(index).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(l => !l.StartsWith("usr/share/doc/", StringComparison.Ordinal))
        .Select(l => (l[..l.LastIndexOf(' ')].TrimEnd(), l[(l.LastIndexOf(' ') + 1)..]))];
}
