using Omnibus.Core.Compression;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>What real clients make of a repository: apt with gpgv, sqv, apt-ftparchive.</summary>
public sealed class AptClientTests : AptArchiveTests
{
    [Theory]
    [InlineData(RepositoryLayout.Pool, true, true)]
    [InlineData(RepositoryLayout.Pool, false, true)]
    [InlineData(RepositoryLayout.Pool, true, false)]
    [InlineData(RepositoryLayout.Flat, true, true)]
    public async Task Apt_updates_and_installs_from_a_signed_repository(RepositoryLayout layout, bool byHash, bool offersByHash)
    {
        Repository repository = await CreateAsync(layout, c => c with { Apt = c.Apt! with { AcquireByHash = offersByHash } });
        await ImportAsync(repository, await DebAsync("tool", "1.0-1", depends: "data"), await DebAsync("data", "1:2.0~rc1", "all"));
        var apt = new AptRoot(Scratch, "client", Source(layout), byHash);
        string log = apt.Require("apt-get", "update");
        Assert.Contains("Packages", log, StringComparison.Ordinal);
        apt.Require("apt-get", "-y", "install", "tool");
        Assert.True(File.Exists(apt.PathOf("root/usr/share/tool/text")));
        Assert.True(File.Exists(apt.PathOf("root/usr/share/data/text")));

        // And the next state: an upgrade of one package among many, so that indexes hold copied parts.
        var more = new List<string>();
        for (int i = 0; i < 30; i++)
        {
            more.Add(await DebAsync($"extra{i:00}", "1"));
        }

        await ImportAsync(repository, [.. more]);
        await ImportAsync(repository, await DebAsync("tool", "1.1-1", depends: "data"));
        apt.Require("apt-get", "update");
        Assert.Contains("Inst tool [1.0-1] (1.1-1", apt.Require("apt-get", "-s", "upgrade"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apt_reads_indexes_of_several_parts_in_every_compression()
    {
        // Several hundred stanzas make several parts; the package that comes later is merged into one of them.
        var debs = new List<string>();
        for (int i = 0; i < 600; i++)
        {
            debs.Add(await DebAsync($"sample{i:000}", "1"));
        }

        string later = await DebAsync("sample300x", "1");
        foreach (CompressionKind kind in new[] { CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd, CompressionKind.None })
        {
            Repository repository = await CreateAsync(RepositoryLayout.Pool, c => c with { Compressions = [kind] }, $"repository-{kind}");
            await ImportAsync(repository, [.. debs]);
            await ImportAsync(repository, later);
            var apt = new AptRoot(Scratch, $"client-{kind}", Source(RepositoryLayout.Pool, $"repository-{kind}"));
            apt.Require("apt-get", "update");
            Assert.Equal(601, apt.Require("apt-cache", "pkgnames").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public async Task Apt_refuses_a_repository_of_another_key()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        await ImportAsync(repository, await DebAsync("tool", "1"));
        ISigner stranger = await NewSignerAsync("stranger");
        File.WriteAllBytes(Path.Combine(Scratch.Path, "archive.gpg"), stranger.PublicKey.ToArray());
        (_, string output) = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool)).Run("apt-get", "update");
        Assert.Contains("NO_PUBKEY", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gpgv_and_sqv_accept_the_signatures()
    {
        await NewSignerAsync("archive", SigningKeyAlgorithm.Rsa3072);
        await CreateAsync(RepositoryLayout.Pool);
        string suite = Path.Combine(Scratch.Path, "repository/dists/stable");
        string key = Path.Combine(Scratch.Path, "archive.gpg");
        Require("gpgv", "--keyring", key, Path.Combine(suite, "InRelease"));
        Require("gpgv", "--keyring", key, Path.Combine(suite, "Release.gpg"), Path.Combine(suite, "Release"));
        Require("sqv", "--keyring", key, Path.Combine(suite, "Release.gpg"), Path.Combine(suite, "Release"));
    }

    [Fact]
    public async Task Stanzas_are_those_of_apt_ftparchive()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        await ImportAsync(repository, await DebAsync("tool", "1.0-1", depends: "data (>= 1), libc6 | libc6-udeb"), await DebAsync("data", "1.2~rc1", "all"), await DpkgDebAsync());
        string expected = Require(
            "apt-ftparchive", "-o", "APT::FTPArchive::MD5=false", "-o", "APT::FTPArchive::SHA1=false", "-o", "APT::FTPArchive::SHA512=false", "packages", "pool");
        using FileStream file = File.OpenRead(Path.Combine(Scratch.Path, "repository/dists/stable/main/binary-amd64/Packages.gz"));
        using Stream plain = Compressors.Decompress(file, CompressionKind.Gzip);
        string ours = await new StreamReader(plain).ReadToEndAsync();
        Assert.Equal(Stanzas(expected), Stanzas(ours));
    }

    [Fact]
    public async Task A_client_that_polls_during_two_hundred_publications_never_sees_a_mismatch()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        string[] debs = [await DebAsync("first", "1"), await DebAsync("second", "1"), await DebAsync("third", "1")];
        await ImportAsync(repository, debs[0]);
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool));
        int updates = 0;
        using var done = new CancellationTokenSource();
        Task polling = Task.Run(() =>
        {
            while (!done.IsCancellationRequested || updates < 3)
            {
                apt.Require("apt-get", "update");
                updates++;
            }
        });
        for (int i = 0; i < 200 && !polling.IsCompleted; i++)
        {
            RepositoryTransaction transaction = repository.BeginTransaction();
            if (i % 2 == 0)
            {
                await transaction.AddAsync(new PackageAddition(debs[1 + (i / 2 % 2)]), CancellationToken.None);
            }
            else
            {
                transaction.Remove(p => p.Name != "first");
            }

            await transaction.CommitAsync(null, CancellationToken.None);
        }

        await done.CancelAsync();
        await polling;
        Assert.True(updates >= 3);
    }
}
