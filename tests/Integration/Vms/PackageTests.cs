using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Signing;
using Omnibus.Core.Vms.Testing;
using Omnibus.Tests.Integration.Fixtures;
using Xunit.Abstractions;

namespace Omnibus.Tests.Integration.Vms;

[Collection(VmSuite.Name)]
[Trait("Suite", "Vm")]
public sealed class PackageTests(VmFixture vm, ITestOutputHelper output) : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_package_is_installed_from_a_signed_repository_upgraded_checked_and_removed()
    {
        GuestRepository repository = await PublishAsync("1.3.0-1", "1.4.0-1");
        List<PackageTestCheck> checks = await TestAsync(new PackageTestRequest
        {
            Repository = repository,
            Names = ["greeter"],
            UpgradeFrom = "1.3.0",
            Script = "test \"$(cat /var/lib/greeter/state)\" = x",
            Tests = new InstallTestPlan { Commands = [new SmokeCommand(["greet"], "greeter 1.4.0-1")], ActiveServices = ["greeter.service"] },
        });
        Assert.Equal(
            [
                "restore clean", "repository", "install greeter=1.3.0", "upgrade greeter", "files as packaged", "service greeter.service active",
                "no failed units", "smoke: greet", "script", "remove", "left behind",
            ],
            checks.Select(check => check.Check));
        Assert.All(checks.SkipLast(1), check => Assert.Equal(PackageTestResult.Passed, check.Result));
        Assert.Equal("greeter 1.3.0-1", checks[2].Detail);
        Assert.Equal("greeter 1.4.0-1", checks[3].Detail);

        // The package made a folder that its removal forgot.
        Assert.Equal(PackageTestResult.Warning, checks[^1].Result);
        Assert.Equal("2 left: /var/lib/greeter, /var/lib/greeter/state", checks[^1].Detail);
    }

    [Fact]
    public async Task A_service_that_does_not_run_and_a_wrong_version_fail_their_checks_alone()
    {
        string package = await TestPackage.BuildAsync(_scratch.Path, "2.0-1", "/bin/false");
        List<PackageTestCheck> checks = await TestAsync(new PackageTestRequest
        {
            Packages = [package],
            KeepInstalled = true,
            Tests = new InstallTestPlan { Commands = [new SmokeCommand(["greet"], "greeter 3"), new SmokeCommand(["true"])] },
        });
        Assert.Equal(
            ["service greeter.service active", "no failed units", "smoke: greet"],
            checks.Where(check => check.Result == PackageTestResult.Failed).Select(check => check.Check));
        Assert.Contains("greeter.service", checks.Single(check => check.Check == "no failed units").Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_another_key_signed_is_not_installed_from()
    {
        GuestRepository repository = await PublishAsync("1.0-1");
        var others = new SigningKeyStore(_scratch.PathOf("other-keys", "x"));
        SigningKey other = await others.NewAsync(new SigningKeyRequest("Somebody Else", "else@example.com") { Algorithm = SigningKeyAlgorithm.Rsa3072 });
        List<PackageTestCheck> checks = await TestAsync(new PackageTestRequest
        {
            Repository = repository with { PublicKey = System.Text.Encoding.ASCII.GetString(SigningKeyStore.ExportPublic([other], armor: true)) },
            Names = ["greeter"],
        });
        Assert.Equal(["restore clean", "repository"], checks.Select(check => check.Check));
        Assert.Equal(PackageTestResult.Failed, checks[^1].Result);
        Assert.Contains("NO_PUBKEY", checks[^1].Transcript, StringComparison.Ordinal);
    }

    private async Task<List<PackageTestCheck>> TestAsync(PackageTestRequest request)
    {
        var checks = new List<PackageTestCheck>();
        var target = new VmTestTarget(vm.Machines, vm.Name, "clean", VmFixture.Patience);
        await new PackageInstallTest(target, checks.Add).RunAsync(request);
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

    private async Task<GuestRepository> PublishAsync(params string[] versions)
    {
        TestRepository repository = await TestRepository.CreateAsync(_scratch);
        var packages = new List<string>();
        foreach (string version in versions)
        {
            packages.Add(await TestPackage.BuildAsync(_scratch.Path, version));
        }

        await repository.PublishAsync(packages);
        return await repository.AsSeenByGuestsAsync();
    }
}
