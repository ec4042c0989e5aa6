using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Linting;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Clients;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Serving;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Integration.Rpm;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Installing the release package is all that a machine needs: real apt and dnf, over HTTP, with every signature checked.</summary>
public sealed class ReleasePackageTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly RpmFolder _rpms = new();
    private readonly RepositoryServers _servers;
    private readonly SigningKeyStore _keys;

    public ReleasePackageTests()
    {
        _servers = new RepositoryServers(_folder.PathOf("servers"));
        _keys = new SigningKeyStore(_folder.PathOf("keys"));
    }

    public void Dispose()
    {
        foreach (RepositoryServer server in _servers.List())
        {
            _servers.StopAsync(server.Name, default).GetAwaiter().GetResult();
        }

        _rpms.Dispose();
        _folder.Dispose();
    }

    // apt of Debian 12 asks gpgv, that of Debian 13 sqv.
    [Theory]
    [InlineData("debian-12", "bookworm", "gpgv")]
    [InlineData("debian-13", "trixie", "sqv")]
    public async Task Apt_trusts_a_repository_once_its_release_package_is_installed(string distribution, string codename, string verifier)
    {
        SigningKey now = await KeyAsync("now");
        SigningKey next = await KeyAsync("next");
        Repository repository = await CreateAsync("Apt", distribution, now);
        await ImportAsync(repository, await DebAsync("tool"));
        string address = await ServeAsync(repository);
        PackageFile release = await WriteAsync(repository, address, [now, next], testing: address + "-testing");
        Assert.Equal($"example-archive-release_1-1+{distribution.Replace("ian-", string.Empty, StringComparison.Ordinal)}_all.deb", Path.GetFileName(release.Path));
        await ImportAsync(repository, release.Path);

        using DebianRoot root = await DebianRoot.CreateAsync(codename);
        Assert.True(File.Exists(root.PathOf("usr/lib/apt/methods/" + verifier)));
        Assert.True(File.Exists(root.PathOf("usr/bin/" + verifier)));
        foreach (string file in Directory.GetFiles(root.PathOf("etc/apt/sources.list.d")).Append(root.PathOf("etc/apt/sources.list")).Where(File.Exists))
        {
            await ProgramRunner.RunAsync(new ProgramCommand("rm", ["-f", file]));
        }

        await root.RunAsync("dpkg", "-i", root.CopyIn(release.Path));
        ProgramResult update = await root.RunAsync("apt-get", "update", "-o", "APT::Update::Error-Mode=any");
        Assert.DoesNotContain("W:", update.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("-testing", update.StandardOutput, StringComparison.Ordinal);
        await root.AptAsync("install", "tool");
        Assert.Equal("tool", await File.ReadAllTextAsync(root.PathOf("usr/share/tool/text")));

        // The next key was handed out in time: a repository that it alone signs is trusted at once.
        repository = await repository.ConfigureAsync(repository.Configuration with { SigningKeys = [next.Fingerprint] }, CancellationToken.None);
        RepositoryTransaction rekeyed = repository.BeginTransaction();
        rekeyed.AcceptAnySigner = true;
        await rekeyed.AddAsync(new PackageAddition(await DebAsync("other")), CancellationToken.None);
        await rekeyed.CommitAsync(null, CancellationToken.None);
        await root.RunAsync("apt-get", "update", "-o", "APT::Update::Error-Mode=any");
        await root.AptAsync("install", "other");

        // A key that nobody handed out is not.
        SigningKey stranger = await KeyAsync("stranger");
        repository = await repository.ConfigureAsync(repository.Configuration with { SigningKeys = [stranger.Fingerprint] }, CancellationToken.None);
        RepositoryTransaction strange = repository.BeginTransaction();
        strange.AcceptAnySigner = true;
        strange.Refresh();
        await strange.CommitAsync(null, CancellationToken.None);
        Assert.NotEqual(0, (await root.TryRunAsync("apt-get", "update", "-o", "APT::Update::Error-Mode=any")).ExitCode);
    }

    [Fact]
    public async Task Dnf_trusts_a_repository_once_its_release_package_is_installed()
    {
        SigningKey now = await KeyAsync("now");
        SigningKey next = await KeyAsync("next");
        Repository repository = await CreateAsync("Yum", "rocky-9", now);
        string small = (await _rpms.WriteAsync(RpmSamples.Small("1.0", RpmSamples.File("/opt/small/file", "small")))).Path;
        await ImportSignedAsync(repository, small);
        string address = await ServeAsync(repository);
        PackageFile release = await WriteAsync(repository, address, [now, next], testing: address + "-testing", expire: TimeSpan.FromHours(6));
        Assert.Equal("example-archive-release-1-1.el9.noarch.rpm", Path.GetFileName(release.Path));
        await ImportSignedAsync(repository, release.Path);

        Directory.CreateDirectory(_rpms.Root);
        await _rpms.RpmAsync("-i", release.Path);
        string configuration = await File.ReadAllTextAsync(Path.Combine(_rpms.Root, "etc/yum.repos.d/example-archive.repo"));
        Assert.Contains($"[example-archive]\nname=Example Archive\nbaseurl={address}/\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\n", configuration, StringComparison.Ordinal);
        Assert.Contains($"[example-archive-testing]\nname=Example Archive (testing)\nbaseurl={address}-testing/\nenabled=0\ngpgcheck=1\nrepo_gpgcheck=1\n", configuration, StringComparison.Ordinal);
        Assert.Contains("metadata_expire=21600\n", configuration, StringComparison.Ordinal);
        await DnfAsync("install", "small");
        Assert.Equal("small", await File.ReadAllTextAsync(Path.Combine(_rpms.Root, "opt/small/file")));

        // Its next key is trusted, for the metadata and for packages.
        repository = await repository.ConfigureAsync(repository.Configuration with { SigningKeys = [next.Fingerprint] }, CancellationToken.None);
        string second = (await _rpms.WriteAsync(RpmSamples.Small("2.0", RpmSamples.File("/opt/small/file", "two")))).Path;
        await ImportSignedAsync(repository, anySigner: true, second);
        await DnfAsync("upgrade", "small");
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(_rpms.Root, "opt/small/file")));
    }

    [Theory]
    [InlineData("Apt", "debian-12")]
    [InlineData("Yum", "rocky-9")]
    public async Task It_is_the_same_bytes_each_time_and_the_linters_find_no_error(string type, string distribution)
    {
        SigningKey key = await KeyAsync("now");
        Repository repository = await CreateAsync(type, distribution, key);
        PackageFile first = await WriteAsync(repository, "https://packages.example.com/x", [key], testing: "https://packages.example.com/x-testing");
        byte[] bytes = await File.ReadAllBytesAsync(first.Path);
        File.Delete(first.Path);
        Assert.Equal(bytes, await File.ReadAllBytesAsync((await WriteAsync(repository, "https://packages.example.com/x", [key], testing: "https://packages.example.com/x-testing")).Path));
        IReadOnlyList<Finding> findings = await PackageLinter.CheckAsync(first.Path, new PackageLintOptions { Allowances = [LintAllowance.Parse("no-signature")] });
        Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Error);
        Assert.DoesNotContain(findings, f => f.Id == "LintProgramMissing");

        OmnibusException other = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(repository, "https://packages.example.com/y", [key]));
        Assert.Equal("PackageExists", other.Id);
    }

    [Theory]
    [InlineData("s3://bucket/x")]
    [InlineData("packages.example.com/x")]
    [InlineData("https://user:secret@packages.example.com/x")]
    [InlineData("https://packages.example.com/x\nEnabled: no")]
    [InlineData("https:///x")]
    public async Task An_address_that_clients_cannot_use_or_everyone_must_not_read_is_refused(string address)
    {
        SigningKey key = await KeyAsync("now");
        Repository repository = await CreateAsync("Apt", "debian-12", key);
        OmnibusException refused = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(repository, address, [key]));
        Assert.Equal("RepositoryAddressInvalid", refused.Id);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_one_of_the_keys_has_signed_is_not_published_again_but_an_unsigned_one_is_no_substitute()
    {
        SigningKey old = await KeyAsync("old");
        SigningKey added = await KeyAsync("added");
        Repository repository = await CreateAsync("Yum", "rocky-9", old);
        string small = (await _rpms.WriteAsync(RpmSamples.Small())).Path;
        string other = (await _rpms.WriteAsync(RpmSamples.Small() with { Name = "other" })).Path;
        await ImportAsync(repository, other);
        Assert.Equal(1, (await ImportSignedAsync(repository, small)).Added);
        Assert.Equal(1, (await ImportSignedAsync(repository, small)).Unchanged);

        repository = await repository.ConfigureAsync(repository.Configuration with { SigningKeys = [old.Fingerprint, added.Fingerprint] }, CancellationToken.None);
        Assert.Equal(1, (await ImportSignedAsync(repository, small)).Unchanged);
        OmnibusException conflict = await Assert.ThrowsAsync<OmnibusException>(() => ImportSignedAsync(repository, other));
        Assert.Equal("RepositoryPackageConflict", conflict.Id);
    }

    private async Task<SigningKey> KeyAsync(string name) =>
        await _keys.NewAsync(new SigningKeyRequest(name, $"{name}@example.com") { Algorithm = SigningKeyAlgorithm.Rsa3072 });

    private Task<Repository> CreateAsync(string type, string distribution, SigningKey key)
    {
        var signers = new SignerSource(_keys);
        return Repository.CreateAsync(
            new DirectoryStore(_folder.Folder("repository"), durable: false),
            new RepositoryConfiguration
            {
                Type = type,
                Distribution = distribution,
                Architectures = [type == "Apt" ? "amd64" : "x86_64"],
                SigningKeys = [key.Fingerprint],
                Origin = "Example Archive",
                Apt = type == "Apt" ? new AptConfiguration { Codename = "bookworm" } : null,
            },
            new RepositoryContext { OpenSigner = (names, token) => signers.OpenAsync(names, null, token) },
            CancellationToken.None);
    }

    private Task<PackageFile> WriteAsync(Repository repository, string address, IReadOnlyList<SigningKey> keys, string? testing = null, TimeSpan? expire = null) => ReleasePackage.WriteAsync(
        new ReleasePackageRequest(repository, address, keys) { TestingAddress = testing, MetadataExpire = expire }, _folder.Folder("release"), CancellationToken.None);

    private async Task<string> ServeAsync(Repository repository)
    {
        var request = new ServerRequest("release", ServedFolder.Arrange([repository.Location])) { Backend = ServerBackend.Embedded };
        return (await _servers.StartAsync(request, null, CancellationToken.None)).FolderUri[0].ToString().TrimEnd('/');
    }

    private static async Task ImportAsync(Repository repository, params string[] packages)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync([.. packages.Select(p => new PackageAddition(p))], null, CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private static Task<RepositoryCommit> ImportSignedAsync(Repository repository, params string[] packages) => ImportSignedAsync(repository, false, packages);

    private static async Task<RepositoryCommit> ImportSignedAsync(Repository repository, bool anySigner, params string[] packages)
    {
        using PackageSigning signing = await PackageSigning.CreateAsync(repository, CancellationToken.None);
        (IReadOnlyList<PackageAddition> signed, var failures) = await signing.SignAsync([.. packages.Select(p => new PackageAddition(p))], null, CancellationToken.None);
        Assert.Empty(failures);
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.AcceptAnySigner = anySigner;
        await transaction.AddAsync(signed, null, CancellationToken.None);
        return await transaction.CommitAsync(null, CancellationToken.None);
    }

    private async Task<string> DebAsync(string name)
    {
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
            new PackageDefinition
            {
                Name = name,
                Version = PackageVersion.Parse("1.0-1"),
                Architecture = "all",
                Summary = $"the {name} of the tests",
                Maintainer = "Tests <tests@example.com>",
                Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/text") { Content = new MemoryContent(name) }],
            },
            _folder.Folder("built"),
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)),
            CancellationToken.None);
        return package.Path;
    }

    private async Task DnfAsync(params string[] arguments)
    {
        // The configuration as the release package left it, but for the place of the keys: dnf of the host reads them outside of the root.
        string sources = Path.Combine(_rpms.Root, "etc/yum.repos.d/example-archive.repo");
        string text = await File.ReadAllTextAsync(sources);
        await File.WriteAllTextAsync(sources, text.Replace("file:///etc/pki", $"file://{_rpms.Root}/etc/pki", StringComparison.Ordinal));
        Directory.CreateDirectory(_rpms.At("log"));
        string[] all =
        [
            "--installroot", _rpms.Root, "--releasever", "9", "--forcearch", "x86_64", "--assumeyes", "--refresh",
            "--setopt", $"reposdir={Path.GetDirectoryName(sources)}", "--setopt", $"cachedir={_rpms.At("cache")}", "--setopt", $"logdir={_rpms.At("log")}",
            "--setopt", $"persistdir={_rpms.At("state")}", .. arguments,
        ];
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("dnf", all) { Timeout = TimeSpan.FromMinutes(3) });
        Assert.True(result.ExitCode == 0, $"dnf {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.StandardOutput}{result.StandardError}");
        await File.WriteAllTextAsync(sources, text);
    }
}
