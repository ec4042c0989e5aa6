using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class AptRepositoryTests : IDisposable
{
    private readonly RepositorySandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task A_new_repository_is_published_at_once_and_empty()
    {
        Repository repository = await _sandbox.CreateAsync(await RepositorySandbox.SignedAsync());
        Assert.Empty(await RepositorySandbox.ListAsync(repository));
        string release = File.ReadAllText(Path.Combine(_sandbox.Folder, "dists/stable/Release"));
        Assert.Contains("Origin: Example\nLabel: Example\nSuite: stable\nCodename: stable\nDate: ", release, StringComparison.Ordinal);
        Assert.Contains("Acquire-By-Hash: yes\nArchitectures: amd64\nComponents: main\n", release, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "dists/stable/InRelease")));
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "dists/stable/Release.gpg")));
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "dists/stable/main/binary-amd64/Packages.gz")));
    }

    [Fact]
    public async Task A_second_repository_in_one_place_is_refused()
    {
        await _sandbox.CreateAsync();
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => _sandbox.CreateAsync());
        Assert.Equal("RepositoryExists", error.Id);
    }

    [Fact]
    public async Task Packages_are_added_in_order_and_lie_in_the_pool()
    {
        Repository repository = await _sandbox.CreateAsync();
        RepositoryCommit commit = await RepositorySandbox.ImportAsync(
            repository, await _sandbox.DebAsync("zebra"), await _sandbox.DebAsync("libfoo1", "2:1.0-1"), await _sandbox.DebAsync("apple", "1.0~rc1", "all"));
        Assert.Equal(3, commit.Added);
        Assert.Equal(["apple 1.0~rc1 all", "libfoo1 2:1.0-1 amd64", "zebra 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "pool/main/z/zebra/zebra_1.0_amd64.deb")));
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "pool/main/libf/libfoo1/epoch-2/libfoo1_1.0-1_amd64.deb")));
    }

    [Fact]
    public async Task The_same_bytes_again_change_nothing()
    {
        Repository repository = await _sandbox.CreateAsync();
        string deb = await _sandbox.DebAsync("tool");
        await RepositorySandbox.ImportAsync(repository, deb);
        PublishedPointer? before = await repository.ReadPointerAsync(CancellationToken.None);
        RepositoryCommit again = await RepositorySandbox.ImportAsync(repository, deb);
        Assert.False(again.Published);
        Assert.Equal(1, again.Unchanged);
        Assert.Equal(before!.ETag, (await repository.ReadPointerAsync(CancellationToken.None))!.ETag);
    }

    [Fact]
    public async Task Other_bytes_of_a_published_version_are_refused_and_nothing_changes()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", text: "one"));
        List<string> keys = await RepositorySandbox.VisibleKeysAsync(repository.Store);
        string other = await _sandbox.DebAsync("tool", text: "two");
        string good = await _sandbox.DebAsync("good");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, other, good));
        Assert.Equal("RepositoryPackageConflict", error.Id);
        await foreach (PublishedPackage published in repository.ReadPackagesAsync(null, CancellationToken.None))
        {
            Assert.Contains(published.Sha256, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(keys, await RepositorySandbox.VisibleKeysAsync(repository.Store));

        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(new PackageAddition(other), CancellationToken.None);
        await transaction.AddAsync(new PackageAddition(good), CancellationToken.None);
        transaction.SkipConflicts = true;
        RepositoryCommit commit = await transaction.CommitAsync(null, CancellationToken.None);
        Assert.Equal(1, commit.Added);
        Assert.Single(commit.Conflicts);
        Assert.Equal(["good 1.0 amd64", "tool 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
    }

    [Fact]
    public async Task Force_replaces_only_in_a_mutable_repository_and_never_under_the_old_key()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", text: "one"));
        string other = await _sandbox.DebAsync("tool", text: "two");
        RepositoryTransaction refused = repository.BeginTransaction();
        refused.Force = true;
        await refused.AddAsync(new PackageAddition(other), CancellationToken.None);
        Assert.Equal("RepositoryImmutable", (await Assert.ThrowsAsync<OmnibusException>(() => refused.CommitAsync(null, CancellationToken.None))).Id);

        repository = await repository.ConfigureAsync(repository.Configuration with { Mutable = true }, CancellationToken.None);
        RepositoryTransaction allowed = repository.BeginTransaction();
        allowed.Force = true;
        await allowed.AddAsync(new PackageAddition(other), CancellationToken.None);
        RepositoryCommit commit = await allowed.CommitAsync(null, CancellationToken.None);
        Assert.Equal(1, commit.Replaced);
        Assert.NotEqual("pool/main/t/tool/tool_1.0_amd64.deb", Assert.Single(commit.Changes).Key);
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task Removal_takes_the_package_out_and_its_file_goes_after_the_grace_period()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { GracePeriod = TimeSpan.FromHours(1) });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("stays"), await _sandbox.DebAsync("goes"));
        _sandbox.Clock.Now += TimeSpan.FromMinutes(1);
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Remove(p => p.Name == "goes");
        RepositoryCommit commit = await transaction.CommitAsync(null, CancellationToken.None);
        Assert.Equal(1, commit.Removed);
        Assert.Equal(["stays 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
        string file = Path.Combine(_sandbox.Folder, "pool/main/g/goes/goes_1.0_amd64.deb");
        Assert.True(File.Exists(file));
        _sandbox.Clock.Now += TimeSpan.FromHours(2);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("new1"));
        _sandbox.Clock.Now += TimeSpan.FromHours(2);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("new2"));
        Assert.False(File.Exists(file));
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task Packages_for_all_architectures_stand_in_each_index_once()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { Architectures = ["amd64", "arm64"] });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("data", architecture: "all"), await _sandbox.DebAsync("tool", architecture: "arm64"));
        Assert.Equal(["data 1.0 all", "tool 1.0 arm64"], await RepositorySandbox.ListAsync(repository));
        Assert.Contains("Package: data", Index("main/binary-amd64/Packages.gz"), StringComparison.Ordinal);
        Assert.Contains("Package: data", Index("main/binary-arm64/Packages.gz"), StringComparison.Ordinal);
        Assert.DoesNotContain("Package: tool", Index("main/binary-amd64/Packages.gz"), StringComparison.Ordinal);

        // An architecture that comes later begins with the packages for all of them.
        repository = await repository.ConfigureAsync(repository.Configuration with { Architectures = ["amd64", "arm64", "riscv64"] }, CancellationToken.None);
        RepositoryTransaction refresh = repository.BeginTransaction();
        refresh.Refresh();
        await refresh.CommitAsync(null, CancellationToken.None);
        Assert.Contains("Package: data", Index("main/binary-riscv64/Packages.gz"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_for_another_architecture_is_refused()
    {
        Repository repository = await _sandbox.CreateAsync();
        string deb = await _sandbox.DebAsync("tool", architecture: "arm64");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, deb));
        Assert.Equal("RepositoryArchitectureMismatch", error.Id);
    }

    [Fact]
    public async Task The_flat_layout_has_everything_in_one_folder()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { Layout = RepositoryLayout.Flat, Architectures = ["amd64", "arm64"] });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool"), await _sandbox.DebAsync("tool", architecture: "arm64"));
        List<string> keys = await RepositorySandbox.VisibleKeysAsync(repository.Store);
        Assert.Contains("tool_1.0_amd64.deb", keys);
        Assert.Contains("tool_1.0_arm64.deb", keys);
        Assert.Contains("Packages.gz", keys);
        Assert.Contains("Release", keys);
        Assert.Equal(2, (await RepositorySandbox.ListAsync(repository)).Count);
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task A_phased_upgrade_is_written_and_changed_without_new_bytes()
    {
        Repository repository = await _sandbox.CreateAsync();
        string deb = await _sandbox.DebAsync("tool");
        foreach (int share in new[] { 10, 50, 50 })
        {
            RepositoryTransaction transaction = repository.BeginTransaction();
            await transaction.AddAsync(new PackageAddition(deb) { PhasedUpdatePercentage = share }, CancellationToken.None);
            await transaction.CommitAsync(null, CancellationToken.None);
            Assert.Contains($"\nPhased-Update-Percentage: {share}\nMaintainer:", Index("main/binary-amd64/Packages.gz"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_same_packages_give_the_same_index_whatever_the_history()
    {
        var debs = new List<string>();
        for (int i = 0; i < 40; i++)
        {
            debs.Add(await _sandbox.DebAsync($"p{i}", $"1.{i % 3}"));
        }

        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, [.. debs]);
        byte[] atOnce = File.ReadAllBytes(Path.Combine(_sandbox.Folder, "dists/stable/main/binary-amd64/Packages.gz"));

        using var other = new RepositorySandbox();
        Repository second = await other.CreateAsync();
        foreach (string[] part in debs.OrderDescending().Chunk(7))
        {
            await RepositorySandbox.ImportAsync(second, part);
        }

        string extra = await other.DebAsync("p7x");
        await RepositorySandbox.ImportAsync(second, extra);
        RepositoryTransaction removal = second.BeginTransaction();
        removal.Remove(p => p.Name == "p7x");
        await removal.CommitAsync(null, CancellationToken.None);
        Assert.Equal(atOnce, File.ReadAllBytes(Path.Combine(other.Folder, "dists/stable/main/binary-amd64/Packages.gz")));
    }

    [Fact]
    public async Task Retention_keeps_the_newest_and_everything_young()
    {
        Repository repository = await _sandbox.CreateAsync();
        foreach (string version in new[] { "1.0", "1.10", "1.9", "2.0~rc1" })
        {
            await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", version));
        }

        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("other"));
        RepositoryTransaction young = repository.BeginTransaction();
        young.Retain(new RetentionPolicy(2, TimeSpan.FromDays(1)));
        Assert.Equal(0, (await young.PlanAsync(null, CancellationToken.None)).Removed);

        RepositoryTransaction plan = repository.BeginTransaction();
        plan.Retain(new RetentionPolicy(2, null));
        RepositoryCommit planned = await plan.PlanAsync(null, CancellationToken.None);
        Assert.False(planned.Published);
        Assert.Equal(["tool 1.0 amd64", "tool 1.9 amd64"], planned.Changes.Select(c => c.Package.ToString()));
        RepositoryCommit done = await plan.CommitAsync(null, CancellationToken.None);
        Assert.Equal(planned.Changes, done.Changes);
        Assert.Equal(["other 1.0 amd64", "tool 1.10 amd64", "tool 2.0~rc1 amd64"], await RepositorySandbox.ListAsync(repository));
    }

    [Fact]
    public async Task A_key_that_holds_other_bytes_is_not_overwritten()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { GracePeriod = TimeSpan.FromDays(1) });
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", text: "one"));
        RepositoryTransaction removal = repository.BeginTransaction();
        removal.Remove(p => true);
        await removal.CommitAsync(null, CancellationToken.None);
        RepositoryCommit commit = await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool", text: "two"));
        Assert.Matches("^pool/main/t/tool/[0-9a-f]{16}/tool_1.0_amd64.deb$", Assert.Single(commit.Changes).Key);
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task An_index_of_another_maker_is_taken_over()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("bbb"), await _sandbox.DebAsync("aaa"));
        string index = Index("main/binary-amd64/Packages.gz");
        string[] stanzas = index.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        byte[] foreign = Encoding.UTF8.GetBytes($"\n{stanzas[1]}\n\n\n{stanzas[0]}\n");
        await PublishForeignAsync(repository, foreign);
        Assert.Equal(["bbb 1.0 amd64", "aaa 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("abc"));
        Assert.Equal(["aaa 1.0 amd64", "abc 1.0 amd64", "bbb 1.0 amd64"], await RepositorySandbox.ListAsync(repository));
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task An_index_that_lies_about_its_hash_is_refused_and_nothing_changes()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool"));
        string byHash = Directory.GetFiles(Path.Combine(_sandbox.Folder, "dists/stable/main/binary-amd64/by-hash/SHA256")).MaxBy(f => new FileInfo(f).Length)!;
        byte[] bytes = File.ReadAllBytes(byHash);
        bytes[^3] ^= 1;
        File.WriteAllBytes(byHash, bytes);
        string other = await _sandbox.DebAsync("other");
        byte[] pointer = File.ReadAllBytes(Path.Combine(_sandbox.Folder, "dists/stable/Release"));
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, other));
        Assert.Equal("RepositoryIndexMismatch", error.Id);
        Assert.Equal(pointer, File.ReadAllBytes(Path.Combine(_sandbox.Folder, "dists/stable/Release")));
    }

    [Fact]
    public async Task A_pointer_that_our_keys_did_not_sign_is_not_built_upon()
    {
        Repository repository = await _sandbox.CreateAsync(await RepositorySandbox.SignedAsync());
        string path = Path.Combine(_sandbox.Folder, "dists/stable/InRelease");
        File.WriteAllText(path, File.ReadAllText(path).Replace("Origin: Example", "Origin: Mallory", StringComparison.Ordinal));
        string deb = await _sandbox.DebAsync("tool");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, deb));
        Assert.Equal("RepositorySignerUnknown", error.Id);
    }

    [Fact]
    public async Task A_state_from_the_future_is_a_clock_error()
    {
        Repository repository = await _sandbox.CreateAsync();
        _sandbox.Clock.Now -= TimeSpan.FromHours(3);
        string deb = await _sandbox.DebAsync("tool");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, deb));
        Assert.Equal("RepositoryClockSkew", error.Id);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task A_codename_that_is_no_name_is_refused(string codename)
    {
        RepositoryConfiguration configuration = RepositorySandbox.Configuration with { Apt = new AptConfiguration { Codename = codename } };
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => _sandbox.CreateAsync(configuration));
        Assert.Equal("RepositoryConfigurationInvalid", error.Id);
    }

    [Fact]
    public async Task A_broken_package_is_named_and_the_others_of_the_call_are_read()
    {
        Repository repository = await _sandbox.CreateAsync();
        string good = await _sandbox.DebAsync("good");
        string broken = Path.Combine(_sandbox.Root, "broken.deb");
        File.WriteAllBytes(broken, File.ReadAllBytes(good)[..200]);
        RepositoryTransaction transaction = repository.BeginTransaction();
        var failures = await transaction.TryAddAsync([new PackageAddition(broken), new PackageAddition(good)], null, CancellationToken.None);
        Assert.Equal("PackageUnreadable", Assert.Single(failures).Error.Id);
        Assert.Equal(1, (await transaction.CommitAsync(null, CancellationToken.None)).Added);
    }

    [Fact]
    public async Task Damage_anywhere_in_the_data_of_a_package_is_found_when_it_comes_in()
    {
        Repository repository = await _sandbox.CreateAsync();
        byte[] whole = File.ReadAllBytes(await _sandbox.DebAsync("tool", text: new string('x', 5000)));
        int data = whole.AsSpan().IndexOf("data.tar.gz"u8) + 60;
        string damaged = Path.Combine(_sandbox.Root, "tool_1.0_amd64.deb");
        for (int i = data + 12; i < whole.Length - 1; i += 17)
        {
            byte[] bytes = [.. whole];
            bytes[i] ^= 0x55;
            File.WriteAllBytes(damaged, bytes);
            RepositoryTransaction transaction = repository.BeginTransaction();
            OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => transaction.AddAsync(new PackageAddition(damaged), CancellationToken.None));
            Assert.Equal("PackageUnreadable", error.Id);
        }
    }

    [Fact]
    public async Task A_published_file_that_was_changed_since_is_not_carried_on()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("tool"));
        string file = Path.Combine(_sandbox.Folder, "pool/main/t/tool/tool_1.0_amd64.deb");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(file, bytes);
        using var other = new RepositorySandbox();
        Repository release = await other.CreateAsync();
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new PackageTransfer(repository, release).RunAsync(_ => true, null, null, CancellationToken.None));
        Assert.Equal("RepositoryPackageDigestWrong", error.Id);
        Assert.Empty(await RepositorySandbox.ListAsync(release));
    }

    [Fact]
    public async Task As_many_superseded_generations_as_asked_for_keep_their_indexes_by_hash()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { KeepGenerations = 2 });
        var states = new List<byte[]>();
        for (int i = 0; i < 6; i++)
        {
            _sandbox.Clock.Now += TimeSpan.FromMinutes(5);
            await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync($"tool{i}"));
            states.Add(File.ReadAllBytes(Path.Combine(_sandbox.Folder, "dists/stable/Release")));
        }

        // A client that still holds one of these Release files finds the index that it names.
        bool[] kept = [.. states.Select(s => AptPointer.FilesOf(new AptLayout(repository.Configuration), AptPointer.Read(new PublishedPointer("dists/stable/Release", string.Empty, s)), new AptLayout(repository.Configuration).Indexes[0])
            .Values.All(f => File.Exists(Path.Combine(_sandbox.Folder, f.Key))))];
        Assert.Equal([false, false, false, true, true, true], kept);
    }

    [Fact]
    public async Task Requirements_that_the_repository_itself_cannot_meet_are_told()
    {
        Repository repository = await _sandbox.CreateAsync();
        async Task<string> NeedingAsync(string name, string needs) => await _sandbox.DebAsync(name, relations: [.. Omnibus.Core.Packages.Deb.DebRelation.Parse(RelationKind.Depends, needs)]);
        await RepositorySandbox.ImportAsync(
            repository,
            await _sandbox.DebAsync("base", "1.0-1"),
            await NeedingAsync("good", "base (>= 1.0), base (<< 2)"),
            await NeedingAsync("either", "base (>> 2) | good"),
            await NeedingAsync("bad", "base (>> 1.0-1)"),
            await NeedingAsync("outside", "libc6 (>= 2.31)"));
        var findings = new List<Finding>();
        await foreach (Finding finding in new RepositoryCheck(repository).RunAsync(null, CancellationToken.None))
        {
            findings.Add(finding);
        }

        Finding unmet = Assert.Single(findings, f => f.Id == "RepositoryDependencyUnmet");
        Assert.Equal("bad 1.0 amd64 needs base (>> 1.0-1); the repository has base 1.0-1.", unmet.Message);
        Assert.Contains("libc6", Assert.Single(findings, f => f.Id == "RepositoryDependencyElsewhere").Message, StringComparison.Ordinal);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public async Task A_type_that_the_distribution_does_not_have_is_refused()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => _sandbox.CreateAsync(RepositorySandbox.Configuration with { Distribution = "rocky-9" }));
        Assert.Equal("RepositoryConfigurationInvalid", error.Id);
        Assert.Empty(Directory.GetFileSystemEntries(_sandbox.Folder));
    }

    [Fact]
    public async Task All_compressions_hold_the_same_index()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { Compressions = [CompressionKind.None, CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd] });
        for (int i = 0; i < 3; i++)
        {
            await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync($"tool{i}"), await _sandbox.DebAsync($"a{i}"));
        }

        string plain = Index("main/binary-amd64/Packages");
        Assert.Equal(6, plain.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(["gz", "xz", "zst"], extension => Assert.Equal(plain, Index("main/binary-amd64/Packages." + extension)));
        await AssertWholeAsync(repository);
    }

    /// <summary>Every index and every package is there with its digest, and nothing else.</summary>
    internal static async Task AssertWholeAsync(Repository repository, bool noOrphans = false)
    {
        PublishedPointer pointer = (await repository.ReadPointerAsync(CancellationToken.None))!;
        var named = new HashSet<string> { pointer.Key };
        foreach (IndexReference index in repository.Format.ReadIndexReferences(repository.Configuration, pointer))
        {
            await AssertObjectAsync(repository.Store, index.Key, index.Size, index.Sha256);
            named.Add(index.Key);
        }

        await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, CancellationToken.None))
        {
            foreach (PublishedFile file in package.Files)
            {
                await AssertObjectAsync(repository.Store, file.Key, file.Size, file.Sha256);
                named.Add(file.Key);
            }
        }

        if (noOrphans)
        {
            named.UnionWith((await repository.Format.MakeCompanionsAsync(repository, pointer, true, CancellationToken.None)).Select(c => c.Key));
            Assert.DoesNotContain(await RepositorySandbox.VisibleKeysAsync(repository.Store), k => !named.Contains(k));
        }
    }

    private static async Task AssertObjectAsync(IObjectStore store, string key, long size, string sha256)
    {
        byte[]? bytes = await store.ReadBytesAsync(key, 10_000_000, CancellationToken.None);
        Assert.True(bytes is not null, $"{key} is missing");
        Assert.Equal(size, bytes.Length);
        Assert.Equal(sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    private static async Task PublishForeignAsync(Repository repository, byte[] packages)
    {
        using var gz = new MemoryStream();
        using (Stream compressing = Compressors.Compress(gz, new CompressionSettings(CompressionKind.Gzip)))
        {
            compressing.Write(packages);
        }

        var release = new ReleaseFile();
        release.Add("Codename", "stable");
        release.Add("Date", DateTimeOffset.UtcNow);
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(gz.ToArray()));
        release.Entries["main/binary-amd64/Packages"] = new ReleaseEntry(packages.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(packages)));
        release.Entries["main/binary-amd64/Packages.gz"] = new ReleaseEntry(gz.Length, digest);
        await repository.Store.PutBytesAsync($"dists/stable/main/binary-amd64/by-hash/SHA256/{digest}", gz.ToArray(), new PutOptions(), CancellationToken.None);
        await repository.Store.PutBytesAsync("dists/stable/Release", release.ToBytes(), new PutOptions(), CancellationToken.None);
    }

    private string Index(string path) => _sandbox.Index(path);
}
