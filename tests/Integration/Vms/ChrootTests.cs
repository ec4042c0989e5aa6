using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Vms.Chroots;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.State;
using Omnibus.Core.Vms.Testing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Integration.Rpm;
using Xunit.Abstractions;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>Packages tested in throw-away roots: one with apt, one with dnf.</summary>
public sealed class ChrootTests(ITestOutputHelper output) : IDisposable
{
    // The cache of trees is the user's, as for the images of machines: a second run is quick.
    private static readonly VmDirectory s_directory = new("/nonexistent", Path.Combine(UserFolders.Cache, "images"), "/nonexistent");
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_package_is_installed_upgraded_downgraded_and_removed_and_what_a_root_cannot_tell_is_not_passed()
    {
        TestRepository repository = await TestRepository.CreateAsync(_scratch);
        await repository.PublishAsync(await TestPackage.BuildAsync(_scratch.Path, "1.3.0-1"), await TestPackage.BuildAsync(_scratch.Path, "1.4.0-1"));
        var request = new PackageTestRequest
        {
            Repository = await repository.AsSeenByGuestsAsync(),
            Names = ["greeter"],
            UpgradeFrom = "1.3.0",
            Downgrade = true,
            Script = "test \"$(cat /var/lib/greeter/state)\" = x && touch /etc/mark",
            Tests = new InstallTestPlan { Commands = [new SmokeCommand(["greet"], "greeter 1.4.0-1")], Urls = [new SmokeUrl("http://127.0.0.1:1/")] },
        };
        List<PackageTestCheck> checks = await TestAsync("debian-12", [], request);
        Assert.Equal(
            [
                "new root", "repository", "install greeter=1.3.0", "upgrade greeter", "downgrade to 1.3.0", "upgrade greeter again", "files as packaged",
                "service greeter.service active", "no failed units", "smoke: greet", "url: http://127.0.0.1:1/", "script", "remove", "left behind",
            ],
            checks.Select(check => check.Check));
        Assert.Equal("greeter 1.3.0-1", checks[2].Detail);
        Assert.Equal("greeter 1.4.0-1", checks[3].Detail);
        Assert.Equal(
            ["service greeter.service active", "no failed units", "url: http://127.0.0.1:1/"],
            checks.Where(check => check.Result == PackageTestResult.Skipped).Select(check => check.Check));
        Assert.Equal("3 left: /etc/mark, /var/lib/greeter, /var/lib/greeter/state", checks[^1].Detail);
        Assert.DoesNotContain(checks, check => check.Result == PackageTestResult.Failed);
    }

    [Fact]
    public async Task A_root_is_as_new_each_time_and_leaves_nothing_behind()
    {
        string tree = await TreeAsync("debian-12");
        ChrootTestTarget target = new(s_directory, "debian-12", tree);
        await using (target)
        {
            await target.CleanAsync(null, default);
            Assert.Equal(0, (await target.RunAsync("rm -rf /usr/share/base-files /etc/apt; echo x > /etc/mark; (sleep 600 > /dev/null 2>&1 &)", [], null, default)).ExitCode);
            Assert.Equal("gone\n", (await target.RunAsync("[ -e /etc/mark ] && [ ! -e /etc/apt ] && echo gone; pgrep sleep", [], null, default)).StandardOutput);
            await target.CleanAsync(null, default);
            Assert.Equal("new\n", (await target.RunAsync("[ ! -e /etc/mark ] && [ -d /etc/apt ] && echo new", [], null, default)).StandardOutput);
        }

        Assert.True(Directory.Exists(Path.Combine(tree, "etc/apt")));
        Assert.False(File.Exists(Path.Combine(tree, "etc/mark")));
        Assert.DoesNotContain(Directory.EnumerateDirectories(s_directory.CacheFolder), folder => Path.GetFileName(folder).StartsWith($".chroot.{Environment.ProcessId}.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_rpm_package_is_installed_by_dnf_with_signatures_checked_upgraded_and_removed()
    {
        using var rpms = new RpmFolder();
        TestRepository repository = await TestRepository.CreateAsync(_scratch, "Yum");
        await repository.PublishAsync(await RpmAsync(rpms, "1.3.0"), await RpmAsync(rpms, "1.4.0"), await BaseAsync(rpms));
        var request = new PackageTestRequest
        {
            Repository = await repository.AsSeenByGuestsAsync(),
            Names = ["greeter"],
            UpgradeFrom = "1.3.0",
            Downgrade = true,
            Tests = new InstallTestPlan { Commands = [new SmokeCommand(["greet"], "greeter 1.4.0")] },
        };
        List<PackageTestCheck> checks = await TestAsync("debian-12", ["dnf", "rpm", "gnupg"], request);
        Assert.Equal(
            [
                "new root", "repository", "install greeter=1.3.0", "upgrade greeter", "downgrade to 1.3.0", "upgrade greeter again", "files as packaged",
                "service greeter.service active", "no failed units", "smoke: greet", "remove", "left behind",
            ],
            checks.Select(check => check.Check));
        Assert.DoesNotContain(checks, check => check.Result == PackageTestResult.Failed);
        Assert.Equal("greeter 1.3.0-1", checks[2].Detail);
        Assert.Equal("greeter 1.4.0-1", checks[3].Detail);
        Assert.Equal("2 left: /var/lib/greeter, /var/lib/greeter/state", checks[^1].Detail);
    }

    [Fact]
    public async Task A_root_of_an_rpm_distribution_is_made_by_dnf_from_the_repositories_that_are_given_for_it()
    {
        using var rpms = new RpmFolder();
        PackageDefinition system = RpmSamples.Small("1.0", RpmSamples.File("/etc/system-release", "a system\n")) with
        {
            Name = "system",
            Relations = [.. new[] { "system-release", "bash", "coreutils", "findutils", "gawk", "grep", "sed", "systemd", "dnf" }.Select(name => PackageRelation.To(RelationKind.Provides, name))],
        };
        string published = Path.GetDirectoryName((await rpms.WriteAsync(system)).Path)!;
        await RpmFolder.RunAsync("createrepo_c", "--quiet", published);
        string sources = _scratch.Folder("sources");
        await File.WriteAllTextAsync(Path.Combine(sources, "base.repo"), $"[base]\nname=base\nbaseurl=file://{published}\ngpgcheck=0\n");

        var directory = new VmDirectory(_scratch.PathOf("data", "x"), _scratch.PathOf("cache", "x"), _scratch.PathOf("run", "x"));
        var options = new DistributionImageOptions { RepositoryFolder = sources };
        string tree = await new RootTreeStore(directory).GetAsync(DistributionCatalog.Shipped.Get("rocky-9"), options);
        Assert.Equal("a system\n", await File.ReadAllTextAsync(Path.Combine(tree, "etc/system-release")));
        Assert.True(File.Exists(Path.Combine(tree, "etc/yum.repos.d/base.repo")));
        Assert.Equal(tree, await new RootTreeStore(directory).GetAsync(DistributionCatalog.Shipped.Get("rocky-9"), options));
    }

    [Fact]
    public async Task A_distribution_whose_packages_nobody_knows_a_place_for_is_named()
    {
        var options = new DistributionImageOptions { RepositoryFolder = _scratch.Folder("none") };
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new RootTreeStore(s_directory).GetAsync(DistributionCatalog.Shipped.Get("rocky-9"), options));
        Assert.Equal("RootNotBuildable", error.Id);
    }

    private static Task<string> TreeAsync(string distribution, params string[] packages) =>
        new RootTreeStore(s_directory).GetAsync(DistributionCatalog.Shipped.Get(distribution), new DistributionImageOptions { Packages = packages });

    private async Task<List<PackageTestCheck>> TestAsync(string distribution, string[] packages, PackageTestRequest request)
    {
        var checks = new List<PackageTestCheck>();
        ChrootTestTarget target = new(s_directory, distribution, await TreeAsync(distribution, packages));
        await using (target)
        {
            await new PackageInstallTest(target, checks.Add).RunAsync(request);
        }

        foreach (PackageTestCheck check in checks)
        {
            output.WriteLine($"{check.Check,-40} {check.Result,-8} {check.Duration.TotalSeconds,6:F1} s  {check.Detail}");
            if (check.Result == PackageTestResult.Failed)
            {
                output.WriteLine(check.Transcript);
            }
        }

        return checks;
    }

    private static async Task<string> RpmAsync(RpmFolder rpms, string version)
    {
        PackageDefinition greeter = RpmSamples.Small(
            version,
            RpmSamples.File("/usr/bin/greet", $"#!/bin/sh\necho greeter {version}\n", 0b111_101_101),
            RpmSamples.File("/usr/lib/systemd/system/greeter.service", "[Unit]\nDescription=greets\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n")) with
        {
            Name = "greeter",
            Scripts =
            [
                new PackageScript(ScriptKind.PostInstall, "mkdir -p /var/lib/greeter\necho x > /var/lib/greeter/state\nsystemctl enable greeter.service\n"),
                new PackageScript(ScriptKind.PreRemove, "if [ \"$1\" = 0 ]; then systemctl disable greeter.service; fi\n"),
            ],
        };
        return (await rpms.WriteAsync(greeter)).Path;
    }

    // The root has its programs from apt: to dnf they come from here.
    private static async Task<string> BaseAsync(RpmFolder rpms) =>
        (await rpms.WriteAsync(RpmSamples.Small("1.0", RpmSamples.File("/usr/share/base-of-tests", "x")) with { Name = "base-of-tests", Relations = [PackageRelation.To(RelationKind.Provides, "/bin/sh")] })).Path;
}
