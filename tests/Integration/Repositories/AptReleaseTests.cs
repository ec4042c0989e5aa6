using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>What the fields of the Release file, and those of single packages, make apt do.</summary>
public sealed class AptReleaseTests : AptArchiveTests
{
    [Theory]
    [InlineData(false, false, 500)]
    [InlineData(true, true, 100)]
    [InlineData(true, false, 1)]
    public async Task Apt_shows_who_is_behind_it_and_takes_its_priority(bool notAutomatic, bool butAutomaticUpgrades, int priority)
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool, c => c with
        {
            Origin = "Example Inc.",
            Label = "Example",
            Description = "Packages of the tests",
            Apt = c.Apt! with { Suite = "testing", Version = "12.4", NotAutomatic = notAutomatic, ButAutomaticUpgrades = butAutomaticUpgrades },
        });
        await ImportAsync(repository, await DebAsync("tool", "1"));
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool));
        apt.Require("apt-get", "update");
        string policy = apt.Require("apt-cache", "policy");
        Assert.Contains($" {priority} file:{Scratch.Path}/repository stable/main amd64 Packages", policy, StringComparison.Ordinal);
        Assert.Contains("release v=12.4,o=Example Inc.,a=testing,n=stable,l=Example,c=main,b=amd64", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apt_refuses_a_state_that_has_run_out_until_it_is_published_anew()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool, c => c with { ValidFor = TimeSpan.FromDays(1) }, clock: new PastClock(TimeSpan.FromDays(3)));
        await ImportAsync(repository, await DebAsync("tool", "1"));
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool));
        Assert.Contains("is expired", apt.Run("apt-get", "update").Output, StringComparison.Ordinal);
        repository = await Repository.OpenAsync(repository.Store, repository.Context with { Clock = TimeProvider.System }, CancellationToken.None);
        RepositoryTransaction refresh = repository.BeginTransaction();
        refresh.Refresh();
        await refresh.CommitAsync(null, CancellationToken.None);
        apt.Require("apt-get", "update");
    }

    [Fact]
    public async Task Apt_accepts_only_the_keys_that_the_last_state_named()
    {
        ISigner first = await NewSignerAsync("archive");
        ISigner second = await NewSignerAsync("second");
        Repository repository = await CreateAsync(RepositoryLayout.Pool, c => c with { Apt = c.Apt! with { SignedBy = [first.Fingerprint] } });
        await ImportAsync(repository, await DebAsync("tool", "1"));

        // The client trusts both keys for everything, and names none for this source.
        var apt = new AptRoot(Scratch, "client", string.Join('\n', Source(RepositoryLayout.Pool).Split('\n').Where(l => !l.StartsWith("Signed-By", StringComparison.Ordinal))));
        File.WriteAllBytes(apt.PathOf("etc/trusted/first.gpg"), first.PublicKey.ToArray());
        File.WriteAllBytes(apt.PathOf("etc/trusted/second.gpg"), second.PublicKey.ToArray());
        apt.Require("apt-get", "update");

        await SignAsync(repository, second, [first.Fingerprint]);
        Assert.NotEqual(0, UpdateErrors(apt));
        await SignAsync(repository, first, [first.Fingerprint, second.Fingerprint]);
        apt.Require("apt-get", "update");
        await SignAsync(repository, second, [second.Fingerprint]);
        apt.Require("apt-get", "update");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    public async Task Apt_upgrades_the_share_of_machines_that_a_package_names(int share, bool upgrades)
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        await ImportAsync(repository, await DebAsync("tool", "1"));
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool), configuration: "APT::Machine-ID \"0123456789abcdef0123456789abcdef\";");
        apt.Require("apt-get", "update");
        apt.Require("apt-get", "-y", "install", "tool");
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(new PackageAddition(await DebAsync("tool", "2")) { PhasedUpdatePercentage = share }, CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
        apt.Require("apt-get", "update");
        Assert.Equal(upgrades, apt.Require("apt-get", "-s", "upgrade").Contains("Inst tool [1] (2", StringComparison.Ordinal));
    }

    private static int UpdateErrors(AptRoot apt)
    {
        (int exitCode, string output) = apt.Run("apt-get", "update");
        return exitCode + output.Split('\n').Count(l => l.StartsWith("E:", StringComparison.Ordinal) || l.StartsWith("W:", StringComparison.Ordinal));
    }

    private static async Task SignAsync(Repository repository, ISigner signer, string[] signedBy)
    {
        repository = await Repository.OpenAsync(repository.Store, repository.Context with { OpenSigner = (_, _) => Task.FromResult(signer) }, CancellationToken.None);
        repository = await repository.ConfigureAsync(
            repository.Configuration with { SigningKeys = [signer.Fingerprint], Apt = repository.Configuration.Apt! with { SignedBy = signedBy } }, CancellationToken.None);
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.AcceptAnySigner = true;
        transaction.Refresh();
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private sealed class PastClock(TimeSpan behind) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - behind;
    }
}
