using System.Diagnostics;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Foreign;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Serving;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Rpm;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Repositories that reprepro, aptly and createrepo_c published and GnuPG signed, read over HTTP and imported.</summary>
public sealed class ForeignImportTests : AptArchiveTests
{
    // The path of the agent's socket may have about 100 characters only.
    private readonly string _gnupg = Directory.CreateTempSubdirectory("og-").FullName;
    private readonly RepositoryServers _servers;

    public ForeignImportTests()
    {
        _servers = new RepositoryServers(Scratch.Folder("servers"));
        File.SetUnixFileMode(_gnupg, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Run("gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", "Foreign <foreign@example.com>", "rsa3072", "sign", "never");
        Run("gpg", "--batch", "--quiet", "--output", Keyring, "--export", "foreign@example.com");
    }

    protected override void Dispose(bool disposing)
    {
        foreach (RepositoryServer server in _servers.List())
        {
            _servers.StopAsync(server.Name, CancellationToken.None).GetAwaiter().GetResult();
        }

        Run("gpgconf", "--kill", "all");
        Directory.Delete(_gnupg, recursive: true);
        base.Dispose(disposing);
    }

    private string Keyring => Path.Combine(Scratch.Path, "foreign.gpg");

    [Theory]
    [InlineData(ServerBackend.Embedded)]
    [InlineData(ServerBackend.Nginx)]
    public async Task What_reprepro_published_is_imported(ServerBackend backend)
    {
        Scratch.Write("reprepro/conf/distributions", "Codename: bookworm\nSuite: stable\nArchitectures: amd64 source\nComponents: main extra\nSignWith: foreign@example.com\nDescription: of others\n");
        string root = Scratch.Folder("reprepro");
        foreach (string deb in new[] { await DebAsync("tool", "1.0-1", depends: "data"), await DebAsync("data", "1:2.0~rc1", "all") })
        {
            Run("reprepro", "-b", root, "includedeb", "bookworm", deb);
        }

        Run("reprepro", "-b", root, "-C", "extra", "includedeb", "bookworm", await DebAsync("more", "1"));
        Run("reprepro", "-b", root, "includedsc", "bookworm", DscBuilder.Build(Scratch, "hello", "1.0-1"));
        Uri uri = await ServeAsync(root, backend);
        Repository target = await CreateAsync(RepositoryLayout.Pool, c => c with { Components = ["main", "extra"] });
        var source = new ForeignSource { Uri = uri, Suite = "bookworm", Keys = await SigningKey.ReadFileAsync(Keyring), Architectures = ["amd64", "source"] };
        Assert.Equal(4, await ImportAsync(target, source));
        Assert.Equal(
            ["extra more 1 amd64", "main data 1:2.0~rc1 all", "main hello 1.0-1 source", "main tool 1.0-1 amd64"],
            (await ListAsync(target)).Select(p => $"{p.Component} {p}").Order(StringComparer.Ordinal));
        Assert.Empty(await FaultsAsync(target));

        // What is there already is not fetched again.
        Assert.Equal(0, await ImportAsync(target, source));
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool));
        apt.Require("apt-get", "update");
        apt.Require("apt-get", "-y", "install", "tool");
    }

    [Fact]
    public async Task What_aptly_published_is_imported_by_name_and_a_strange_key_is_refused()
    {
        string config = Scratch.Write("aptly.conf", $$"""{"rootDir": "{{Scratch.Folder("aptly")}}", "architectures": ["amd64", "arm64"], "gpgProvider": "gpg"}""");
        Run("aptly", $"-config={config}", "repo", "create", "-distribution=stable", "-component=main", "others");
        foreach (string deb in new[] { await DebAsync("tool", "1"), await DebAsync("tool", "2"), await DebAsync("libtool", "1"), await DebAsync("else", "1", "arm64") })
        {
            Run("aptly", $"-config={config}", "repo", "add", "others", deb);
        }

        Run("aptly", $"-config={config}", "-batch", "-gpg-key=foreign@example.com", "publish", "repo", "-acquire-by-hash", "others");
        Uri uri = await ServeAsync(Path.Combine(Scratch.Path, "aptly/public"), ServerBackend.Embedded);
        Repository target = await CreateAsync(RepositoryLayout.Flat);
        var source = new ForeignSource { Uri = uri, Suite = "stable", Keys = await SigningKey.ReadFileAsync(Keyring) };
        Assert.Equal(2, await ImportAsync(target, source, p => p.Name == "tool"));
        Assert.Equal(["tool 1 amd64", "tool 2 amd64"], (await ListAsync(target)).Select(p => p.ToString()));

        ISigner stranger = await NewSignerAsync("stranger");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => ImportAsync(target, source with { Keys = SigningKey.Read(stranger.PublicKey) }));
        Assert.Equal("ForeignRepositoryUntrusted", error.Id);
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("xz")]
    public async Task What_createrepo_c_published_is_imported(string compression)
    {
        using var rpms = new RpmFolder();
        PackageFile first = await rpms.WriteAsync(RpmSamples.Small("1.0", RpmSamples.File("/opt/app", "1")) with { Name = "app" }, null, "published");
        await rpms.WriteAsync(RpmSamples.Small("2.0~rc1", RpmSamples.File("/opt/app", "2")) with { Name = "app" }, null, "published/below");
        string folder = Path.GetDirectoryName(first.Path)!;
        Run("createrepo_c", "--quiet", "--no-database", $"--general-compress-type={compression}", folder);
        Run("gpg", "--batch", "--quiet", "--armor", "--detach-sign", Path.Combine(folder, "repodata/repomd.xml"));
        Uri uri = await ServeAsync(folder, ServerBackend.Nginx);
        Repository target = await Repository.CreateAsync(
            new DirectoryStore(Scratch.Folder("yum"), durable: false), new RepositoryConfiguration { Type = "Yum" }, new RepositoryContext(), CancellationToken.None);
        var source = new ForeignSource { Uri = uri, Keys = await SigningKey.ReadFileAsync(Keyring) };
        Assert.Equal(2, await ImportAsync(target, source));
        Assert.Equal(["app 1.0-1 noarch", "app 2.0~rc1-1 noarch"], (await ListAsync(target)).Select(p => p.ToString()));
        Assert.Empty(await FaultsAsync(target));

        File.AppendAllText(Path.Combine(folder, "repodata/repomd.xml"), " ");
        Assert.Equal("ForeignRepositoryUntrusted", (await Assert.ThrowsAsync<OmnibusException>(() => ImportAsync(target, source))).Id);
        File.Delete(Path.Combine(folder, "repodata/repomd.xml.asc"));
        Assert.Equal("ForeignRepositoryUntrusted", (await Assert.ThrowsAsync<OmnibusException>(() => ImportAsync(target, source))).Id);
        Assert.Equal(0, await ImportAsync(target, source with { SkipSignatureCheck = true }));
    }

    private async Task<Uri> ServeAsync(string folder, ServerBackend backend) =>
        (await _servers.StartAsync(new ServerRequest("foreign", [new ServedFolder("/", folder)]) { Backend = backend }, null, CancellationToken.None)).Uri;

    private async Task<int> ImportAsync(Repository target, ForeignSource source, Func<PublishedPackage, bool>? isChosen = null)
    {
        var foreign = new ForeignRepository(source, target);
        IReadOnlyList<PublishedPackage> packages = await foreign.FindNewAsync(isChosen ?? (_ => true), CancellationToken.None);
        var (additions, failures) = await foreign.DownloadAsync(packages, Scratch.Folder("downloads", Guid.NewGuid().ToString("N")), null, null, CancellationToken.None);
        Assert.Empty(failures);
        RepositoryTransaction transaction = target.BeginTransaction();
        await transaction.AddAsync(additions, null, CancellationToken.None);
        return (await transaction.CommitAsync(null, CancellationToken.None)).Added;
    }

    private static async Task<List<PublishedPackage>> ListAsync(Repository repository)
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
            if (finding.Severity == FindingSeverity.Error)
            {
                findings.Add(finding);
            }
        }

        return findings;
    }

    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GNUPGHOME"] = _gnupg;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}{errors.Result}");
    }
}
