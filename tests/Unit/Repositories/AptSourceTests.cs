using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class AptSourceTests : IDisposable
{
    private readonly RepositorySandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Theory]
    [InlineData(RepositoryLayout.Pool)]
    [InlineData(RepositoryLayout.Flat)]
    public async Task A_source_package_is_one_entry_with_several_files(RepositoryLayout layout)
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { Layout = layout });
        string release = Path.Combine(_sandbox.Folder, layout == RepositoryLayout.Flat ? "Release" : "dists/stable/Release");
        Assert.DoesNotContain("Sources", File.ReadAllText(release), StringComparison.Ordinal);
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"), await _sandbox.DebAsync("tool"));
        Assert.Equal(["tool 1.0 amd64", "tool 1.0-1 source"], await RepositorySandbox.ListAsync(repository));
        Assert.Contains(layout == RepositoryLayout.Flat ? " Sources.gz" : " main/source/Sources.gz", File.ReadAllText(release), StringComparison.Ordinal);
        PublishedPackage source = (await PackagesAsync(repository)).Single(p => p.Architecture == "source");
        string pool = layout == RepositoryLayout.Flat ? string.Empty : "pool/main/t/tool/";
        Assert.Equal([$"{pool}tool_1.0-1.dsc", $"{pool}tool_1.0.orig.tar.gz", $"{pool}tool_1.0-1.debian.tar.xz"], source.Files.Select(f => f.Key));
        Assert.Empty(await FaultsAsync(repository));
    }

    [Fact]
    public async Task A_file_that_two_versions_share_stays_until_the_last_of_them_goes()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"), Source("tool", "1.0-2"));
        await RemoveAsync(repository, "1.0-1");
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("later1"));
        _sandbox.Clock.Now += TimeSpan.FromMinutes(1);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("later2"));
        string pool = Path.Combine(_sandbox.Folder, "pool/main/t/tool");
        Assert.Equal(["tool_1.0-2.debian.tar.xz", "tool_1.0-2.dsc", "tool_1.0.orig.tar.gz"], Directory.GetFiles(pool).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Empty(await FaultsAsync(repository));
        await RemoveAsync(repository, "1.0-2");
        _sandbox.Clock.Now += TimeSpan.FromMinutes(1);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("later3"));
        _sandbox.Clock.Now += TimeSpan.FromMinutes(1);
        await RepositorySandbox.ImportAsync(repository, await _sandbox.DebAsync("later4"));
        Assert.False(Directory.Exists(pool) && Directory.EnumerateFiles(pool).Any());
    }

    [Fact]
    public async Task A_shared_file_with_other_bytes_takes_another_folder()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"));
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-2", text: "another original"));
        PublishedPackage second = (await PackagesAsync(repository)).Single(p => p.Version == "1.0-2");
        Assert.All(second.Files, f => Assert.Matches("^pool/main/t/tool/[0-9a-f]{16}/", f.Key));
        Assert.Empty(await FaultsAsync(repository));
    }

    [Fact]
    public async Task Saving_copying_and_retention_take_all_files()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"), Source("tool", "1.0-2"));
        string saved = Path.Combine(_sandbox.Root, "saved");
        foreach (PublishedPackage package in await PackagesAsync(repository))
        {
            Assert.EndsWith(".dsc", await PackageDownload.SaveAsync(repository, package, saved, replace: false, CancellationToken.None), StringComparison.Ordinal);
        }

        Assert.Equal(5, Directory.GetFiles(saved).Length);

        using var other = new RepositorySandbox();
        Repository target = await other.CreateAsync();
        await new PackageTransfer(repository, target).RunAsync(_ => true, null, null, CancellationToken.None);
        RepositoryTransaction retention = target.BeginTransaction();
        retention.Retain(new RetentionPolicy(1, null));
        await retention.CommitAsync(null, CancellationToken.None);
        Assert.Equal(["tool 1.0-2 source"], await RepositorySandbox.ListAsync(target));
        Assert.Empty(await FaultsAsync(target));
    }

    [Fact]
    public async Task A_channel_that_parts_architectures_has_the_source_with_each_of_them()
    {
        Repository repository = await _sandbox.CreateAsync(RepositorySandbox.Configuration with { Distribution = "debian-12", Architectures = ["amd64", "arm64"] });
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"), await _sandbox.DebAsync("tool", "1.0-1"), await _sandbox.DebAsync("tool", "1.0-1", "arm64"));
        IReadOnlyList<PublishTarget> targets = PublishTarget.Divide(new PublishRequest(repository, "/somewhere"), await PackagesAsync(repository));
        Assert.Equal(
            ["/somewhere/debian/12/amd64: amd64 source", "/somewhere/debian/12/arm64: arm64 source"],
            targets.Select(t => $"{t.Location}: {string.Join(' ', t.Packages.Select(p => p.Architecture).Order(StringComparer.Ordinal))}"));
    }

    [Fact]
    public async Task A_missing_file_of_a_published_source_is_found_by_the_check()
    {
        Repository repository = await _sandbox.CreateAsync();
        await RepositorySandbox.ImportAsync(repository, Source("tool", "1.0-1"));
        File.Delete(Path.Combine(_sandbox.Folder, "pool/main/t/tool/tool_1.0.orig.tar.gz"));
        Finding fault = Assert.Single(await FaultsAsync(repository));
        Assert.Equal("RepositoryPackageMissing", fault.Id);
        Assert.Contains("orig.tar.gz", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "SourceFileMissing")]
    [InlineData("size", "SourceFileWrong")]
    [InlineData("content", "SourceFileWrong")]
    [InlineData("md5", "SourceFileWrong")]
    [InlineData("traversal", "PackageUnreadable")]
    [InlineData("hidden", "PackageUnreadable")]
    [InlineData("itself", "PackageUnreadable")]
    [InlineData("lists", "PackageUnreadable")]
    [InlineData("weak", "PackageUnreadable")]
    [InlineData("name", "PackageUnreadable")]
    [InlineData("garbage", "PackageUnreadable")]
    public async Task A_source_package_that_lies_is_refused(string lie, string id)
    {
        Repository repository = await _sandbox.CreateAsync();
        string dsc = Source("tool", "1.0-1");
        string original = Path.Combine(Path.GetDirectoryName(dsc)!, "tool_1.0.orig.tar.gz");
        string text = File.ReadAllText(dsc);
        string digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(original)));
        switch (lie)
        {
            case "missing": File.Delete(original); break;
            case "size": File.AppendAllText(original, "x"); break;
            case "content": File.WriteAllText(original, new string('y', (int)new FileInfo(original).Length)); break;
            case "md5": text = text.Replace(Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(original))), new string('0', 32), StringComparison.Ordinal); break;
            case "traversal": text = text.Replace("tool_1.0.orig.tar.gz", "../tool_1.0.orig.tar.gz", StringComparison.Ordinal); break;
            case "hidden": text = text.Replace("tool_1.0.orig.tar.gz", ".bashrc", StringComparison.Ordinal); break;
            case "itself": text = text.Replace("tool_1.0.orig.tar.gz", "tool_1.0-1.dsc", StringComparison.Ordinal); break;
            case "lists": text = text.Replace($" {digest} ", $" {digest} 1", StringComparison.Ordinal); break;
            case "weak": text = text[..text.IndexOf("Checksums-Sha256", StringComparison.Ordinal)] + text[text.IndexOf("Files:", StringComparison.Ordinal)..]; break;
            case "name": text = text.Replace("Version: 1.0-1", "Version: 1.0-2", StringComparison.Ordinal); break;
            default: text = "no field\n"; break;
        }

        File.WriteAllText(dsc, text);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, dsc));
        Assert.Equal(id, error.Id);
        Assert.Empty(await RepositorySandbox.ListAsync(repository));
    }

    private static async Task RemoveAsync(Repository repository, string version)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Remove(p => p.Version == version);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private static async Task<List<PublishedPackage>> PackagesAsync(Repository repository)
    {
        var packages = new List<PublishedPackage>();
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(null, CancellationToken.None))
        {
            packages.Add(package);
        }

        return packages;
    }

    private static async Task<List<Finding>> FaultsAsync(Repository repository)
    {
        var findings = new List<Finding>();
        await foreach (Finding finding in new RepositoryCheck(repository).RunAsync(null, CancellationToken.None))
        {
            if (finding.Severity is FindingSeverity.Warning or FindingSeverity.Error)
            {
                findings.Add(finding);
            }
        }

        return findings;
    }

    // As dpkg-source writes it.
    private string Source(string name, string version, string text = "the original")
    {
        string folder = Directory.CreateDirectory(Path.Combine(_sandbox.Root, "sources", Guid.NewGuid().ToString("N")[..8])).FullName;
        string upstream = version[..version.LastIndexOf('-')];
        (string Name, byte[] Content)[] files = [($"{name}_{upstream}.orig.tar.gz", Encoding.UTF8.GetBytes(text)), ($"{name}_{version}.debian.tar.xz", Encoding.UTF8.GetBytes(version))];
        var dsc = new StringBuilder($"Format: 3.0 (quilt)\nSource: {name}\nBinary: {name}\nArchitecture: any\nVersion: {version}\nMaintainer: Tests <tests@example.com>\n");
        foreach ((string field, Func<byte[], byte[]> hash) in new (string, Func<byte[], byte[]>)[] { ("Checksums-Sha1", SHA1.HashData), ("Checksums-Sha256", SHA256.HashData), ("Files", MD5.HashData) })
        {
            dsc.Append(field).Append(":\n");
            foreach ((string file, byte[] content) in files)
            {
                File.WriteAllBytes(Path.Combine(folder, file), content);
                dsc.Append(' ').Append(Convert.ToHexStringLower(hash(content))).Append(' ').Append(content.Length).Append(' ').Append(file).Append('\n');
            }
        }

        string path = Path.Combine(folder, $"{name}_{version}.dsc");
        File.WriteAllText(path, dsc.ToString());
        return path;
    }
}
