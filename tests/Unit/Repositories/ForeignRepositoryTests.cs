using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class ForeignRepositoryTests : IDisposable
{
    private readonly RepositorySandbox _theirs = new();
    private readonly RepositorySandbox _ours = new();

    public void Dispose()
    {
        _theirs.Dispose();
        _ours.Dispose();
    }

    [Theory]
    [InlineData(RepositoryLayout.Pool, "stable")]
    [InlineData(RepositoryLayout.Flat, "./")]
    public async Task A_signed_repository_is_read_and_its_packages_imported(RepositoryLayout layout, string suite)
    {
        RepositoryConfiguration configuration = await RepositorySandbox.SignedAsync() with { Layout = layout, Architectures = ["amd64", "arm64"] };
        await RepositorySandbox.ImportAsync(
            await _theirs.CreateAsync(configuration), await _theirs.DebAsync("tool"), await _theirs.DebAsync("tool", "1.0", "arm64"), await _theirs.DebAsync("data", "1", "all"));
        Repository target = await _ours.CreateAsync();
        (List<string> imported, _) = await ImportAsync(target, await SourceAsync() with { Suite = suite });
        Assert.Equal(["data 1 all", "tool 1.0 amd64"], imported.Order(StringComparer.Ordinal));
        Assert.Empty((await ImportAsync(target, await SourceAsync() with { Suite = suite })).Imported);
    }

    [Fact]
    public async Task The_older_form_with_a_detached_signature_is_read_too()
    {
        await PublishSignedAsync();
        File.Delete(Path.Combine(_theirs.Folder, "dists/stable/InRelease"));
        Assert.Single((await ImportAsync(await TargetAsync(), await SourceAsync())).Imported);
        File.Delete(Path.Combine(_theirs.Folder, "dists/stable/Release.gpg"));
        await AssertRefusedAsync("ForeignRepositoryUntrusted", await SourceAsync());
    }

    [Fact]
    public async Task Without_a_key_nothing_is_read()
    {
        await PublishSignedAsync();
        await AssertRefusedAsync("ForeignKeyringMissing", await SourceAsync() with { Keys = [] });
    }

    [Fact]
    public async Task A_signed_file_that_was_changed_is_refused_and_with_the_switch_its_digests_still_count()
    {
        await PublishSignedAsync();
        string path = Path.Combine(_theirs.Folder, "dists/stable/InRelease");
        File.WriteAllText(path, File.ReadAllText(path).Replace("Origin: Example", "Origin: Examples", StringComparison.Ordinal));
        await AssertRefusedAsync("ForeignRepositoryUntrusted", await SourceAsync());
        ForeignSource trusting = await SourceAsync() with { SkipSignatureCheck = true };
        Assert.Single((await ImportAsync(await TargetAsync(), trusting)).Imported);
        DamageIndexes();
        await AssertRefusedAsync("RepositoryIndexMismatch", trusting);
    }

    [Fact]
    public async Task A_state_that_has_run_out_is_refused()
    {
        await PublishSignedAsync(c => c with { ValidFor = TimeSpan.FromDays(1) });
        _ours.Clock.Now += TimeSpan.FromDays(2);
        await AssertRefusedAsync("ForeignRepositoryExpired", await SourceAsync());
    }

    [Fact]
    public async Task A_package_that_is_not_what_its_index_says_fails_alone()
    {
        Repository theirs = await PublishSignedAsync();
        await RepositorySandbox.ImportAsync(theirs, await _theirs.DebAsync("longer"), await _theirs.DebAsync("good"));
        string tool = Path.Combine(_theirs.Folder, "pool/main/t/tool/tool_1.0_amd64.deb");
        byte[] bytes = File.ReadAllBytes(tool);
        bytes[^1] ^= 1;
        File.WriteAllBytes(tool, bytes);
        File.AppendAllText(Path.Combine(_theirs.Folder, "pool/main/l/longer/longer_1.0_amd64.deb"), new string('x', 1 << 20));
        (List<string> imported, List<OmnibusException> failures) = await ImportAsync(await TargetAsync(), await SourceAsync());
        Assert.Equal(["good 1.0 amd64"], imported);
        Assert.Equal(["RepositoryPackageDigestWrong", "RepositoryPackageDigestWrong"], failures.Select(f => f.Id));
    }

    [Theory]
    [InlineData("Filename: ../../outside.deb", "RepositoryIndexInvalid")]
    [InlineData("Filename: /etc/passwd", "RepositoryIndexInvalid")]
    [InlineData("Filename: .omnibus/repository.json", "RepositoryIndexInvalid")]
    [InlineData("Size: many", "RepositoryIndexInvalid")]
    [InlineData("SHA256: ", "ForeignPackageUnverifiable")]
    [InlineData("Version: 9", "PackageIdentityWrong")]
    public async Task An_index_that_lies_is_refused(string line, string id)
    {
        await RepositorySandbox.ImportAsync(await _theirs.CreateAsync(), await _theirs.DebAsync("tool"));
        string field = line[..line.IndexOf(':', StringComparison.Ordinal)];
        string index = _theirs.Index("main/binary-amd64/Packages.gz");
        WriteUnsigned(string.Join('\n', index.Split('\n').Select(l => l.StartsWith(field + ":", StringComparison.Ordinal) ? line : l)));
        Assert.Equal(id, await RefusalAsync(await SourceAsync() with { SkipSignatureCheck = true }));
    }

    [Fact]
    public async Task An_index_that_unpacks_to_more_than_was_promised_is_not_read_further()
    {
        await RepositorySandbox.ImportAsync(await _theirs.CreateAsync(), await _theirs.DebAsync("tool"));
        WriteUnsigned(_theirs.Index("main/binary-amd64/Packages.gz"), promised: 100);
        Assert.Equal("RepositoryIndexMismatch", await RefusalAsync(await SourceAsync() with { SkipSignatureCheck = true }));
    }

    [Theory]
    [InlineData("unstable", "ForeignRepositoryNotFound")]
    [InlineData("../stable", "StoreKeyInvalid")]
    [InlineData(null, "ForeignSuiteMissing")]
    public async Task A_suite_that_is_not_there_is_told(string? suite, string id)
    {
        await PublishSignedAsync();
        await AssertRefusedAsync(id, await SourceAsync() with { Suite = suite });
    }

    [Fact]
    public async Task A_component_or_an_architecture_that_is_not_there_is_told()
    {
        await PublishSignedAsync();
        await AssertRefusedAsync("ForeignIndexMissing", await SourceAsync() with { Components = ["contrib"] });
        await AssertRefusedAsync("ForeignIndexMissing", await SourceAsync() with { Architectures = ["riscv64"] });
    }

    private async Task<Repository> PublishSignedAsync(Func<RepositoryConfiguration, RepositoryConfiguration>? change = null)
    {
        RepositoryConfiguration configuration = await RepositorySandbox.SignedAsync();
        Repository repository = await _theirs.CreateAsync(change is null ? configuration : change(configuration));
        await RepositorySandbox.ImportAsync(repository, await _theirs.DebAsync("tool"));
        return repository;
    }

    private async Task<ForeignSource> SourceAsync() => new()
    {
        Uri = new Uri(_theirs.Folder + "/"),
        Suite = "stable",
        Keys = SigningKey.Read((await _theirs.Context.OpenSigner!([], CancellationToken.None)).PublicKey),
    };

    // A repository of another maker: Release and one index, neither signed nor by hash.
    private void WriteUnsigned(string index, int? promised = null)
    {
        string suite = Path.Combine(_theirs.Folder, "dists/stable");
        Directory.Delete(suite, recursive: true);
        string folder = Directory.CreateDirectory(Path.Combine(suite, "main/binary-amd64")).FullName;
        byte[] plain = Encoding.UTF8.GetBytes(index);
        using (var gzip = new GZipStream(File.Create(Path.Combine(folder, "Packages.gz")), CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        byte[] packed = File.ReadAllBytes(Path.Combine(folder, "Packages.gz"));
        File.WriteAllText(Path.Combine(suite, "Release"), $"""
            Suite: stable
            Components: main
            Architectures: amd64
            SHA256:
             {Convert.ToHexStringLower(SHA256.HashData(plain))} {promised ?? plain.Length} main/binary-amd64/Packages
             {Convert.ToHexStringLower(SHA256.HashData(packed))} {packed.Length} main/binary-amd64/Packages.gz

            """);
    }

    // The plain-named file may be another name of the one by hash.
    private void DamageIndexes()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(_theirs.Folder, "dists/stable/main/binary-amd64"), "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(file);
            content[^1] = (byte)'x';
            File.WriteAllBytes(file, content);
        }
    }

    private Task<Repository> TargetAsync() => Directory.Exists(Path.Combine(_ours.Folder, ".omnibus")) ? _ours.OpenAsync() : _ours.CreateAsync();

    private async Task AssertRefusedAsync(string id, ForeignSource source)
    {
        Repository target = await TargetAsync();
        Assert.Equal(id, (await Assert.ThrowsAsync<OmnibusException>(() => ImportAsync(target, source))).Id);
    }

    private async Task<string> RefusalAsync(ForeignSource source)
    {
        try
        {
            (_, List<OmnibusException> failures) = await ImportAsync(await TargetAsync(), source);
            return Assert.Single(failures).Id;
        }
        catch (OmnibusException e)
        {
            return e.Id;
        }
    }

    private async Task<(List<string> Imported, List<OmnibusException> Failures)> ImportAsync(Repository target, ForeignSource source)
    {
        var foreign = new ForeignRepository(source, target);
        IReadOnlyList<PublishedPackage> found = await foreign.FindNewAsync(_ => true, CancellationToken.None);
        string folder = Directory.CreateDirectory(Path.Combine(_ours.Root, Guid.NewGuid().ToString("N"))).FullName;
        var (additions, failures) = await foreign.DownloadAsync(found, folder, null, null, CancellationToken.None);
        RepositoryTransaction transaction = target.BeginTransaction();
        IReadOnlyList<(PackageAddition Addition, OmnibusException Error)> refused = await transaction.TryAddAsync(additions, null, CancellationToken.None);
        RepositoryCommit commit = await transaction.CommitAsync(null, CancellationToken.None);
        return ([.. commit.Changes.Select(c => c.Package.ToString())], [.. failures.Select(f => f.Error), .. refused.Select(r => r.Error)]);
    }
}
