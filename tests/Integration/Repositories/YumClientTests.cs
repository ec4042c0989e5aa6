using System.Xml.Linq;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Rpm;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Our yum repositories as dnf and createrepo_c meet them.</summary>
public sealed class YumClientTests : IDisposable
{
    // The default key, RSA 4096, takes seconds to make.
    private static readonly Lazy<Task<ISigner>> s_signer = new(MakeSignerAsync);

    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string RepositoryFolder => _folder.At("published");

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Xz)]
    public async Task Dnf_installs_and_upgrades_with_every_signature_checked(CompressionKind kind)
    {
        ISigner signer = await s_signer.Value;
        Repository repository = await CreateAsync(kind, signer);
        await ImportAsync(repository, await SignedAsync(signer, App("1.0~rc1")), await SignedAsync(signer, Base()));

        await DnfAsync("install", "app");
        Assert.Equal("1.0~rc1", await File.ReadAllTextAsync(Path.Combine(_folder.Root, "opt/app/version")));
        Assert.True(File.Exists(Path.Combine(_folder.Root, "opt/base/file")));

        await ImportAsync(repository, await SignedAsync(signer, App("1.0")));
        Assert.Contains("/opt/app/version", await DnfAsync("repoquery", "-l", "app-1.0"), StringComparison.Ordinal);
        Assert.Contains("first", await DnfAsync("repoquery", "--changelogs", "app-1.0"), StringComparison.Ordinal);
        await DnfAsync("upgrade");
        Assert.Equal("1.0", await File.ReadAllTextAsync(Path.Combine(_folder.Root, "opt/app/version")));
    }

    [Fact]
    public async Task Dnf_refuses_a_pointer_that_was_changed_and_a_package_that_is_not_signed()
    {
        ISigner signer = await s_signer.Value;
        Repository repository = await CreateAsync(CompressionKind.Gzip, signer);
        await ImportAsync(repository, (await _folder.WriteAsync(Base())).Path);
        ProgramResult unsigned = await TryDnfAsync("install", "base");
        Assert.NotEqual(0, unsigned.ExitCode);
        Assert.Contains("not signed", unsigned.StandardOutput + unsigned.StandardError, StringComparison.Ordinal);

        string pointer = Path.Combine(RepositoryFolder, "repodata/repomd.xml");
        await File.WriteAllTextAsync(pointer, (await File.ReadAllTextAsync(pointer)).Replace("<revision>", "<revision>1", StringComparison.Ordinal));
        ProgramResult changed = await TryDnfAsync("makecache");
        Assert.NotEqual(0, changed.ExitCode);
    }

    [Fact]
    public async Task A_pointer_of_two_keys_is_believed_by_whoever_knows_the_first_and_by_gnupg_that_knows_the_second()
    {
        // sqv reads a signature file as rpm with Sequoia does: one block, one signature.
        var keys = new SigningKeyStore(_folder.At("keys"));
        SigningKey second = await keys.NewAsync(new SigningKeyRequest("second", "second@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        ISigner[] signers = [await s_signer.Value, await keys.OpenSignerAsync(second.Fingerprint)];
        await CreateAsync(CompressionKind.Gzip, new MultiSigner(signers));
        string pointer = Path.Combine(RepositoryFolder, "repodata/repomd.xml");
        string[] keyrings = [_folder.At("first.gpg"), _folder.At("second.gpg")];
        for (int i = 0; i < signers.Length; i++)
        {
            await File.WriteAllBytesAsync(keyrings[i], signers[i].PublicKey.ToArray());
        }

        Assert.Contains(signers[0].Fingerprint, await RpmFolder.RunAsync("sqv", "--keyring", keyrings[0], pointer + ".asc", pointer), StringComparison.Ordinal);
        foreach (string keyring in keyrings)
        {
            // GnuPG tells the unknown signature by its exit code, and the good one by its status, which is what librepo reads.
            ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand("gpgv", ["--status-fd", "1", "--keyring", keyring, pointer + ".asc", pointer]));
            Assert.Contains("GOODSIG", result.StandardOutput, StringComparison.Ordinal);
            Assert.DoesNotContain("BADSIG", result.StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_repository_of_createrepo_c_is_read_and_built_upon()
    {
        string folder = Directory.CreateDirectory(RepositoryFolder).FullName;
        PackageFile first = await _folder.WriteAsync(App("1.0"), null, "published");
        string comps = _folder.At("comps.xml");
        await File.WriteAllTextAsync(comps, "<?xml version=\"1.0\"?>\n<comps><group><id>g</id><name>g</name><packagelist><packagereq>app</packagereq></packagelist></group></comps>\n");
        await RpmFolder.RunAsync("createrepo_c", "--quiet", "--groupfile", comps, folder);

        Repository repository = await CreateAsync(CompressionKind.Gzip, signer: null);
        await ImportAsync(repository, (await _folder.WriteAsync(Base())).Path, (await _folder.WriteAsync(App("2.0"))).Path);

        List<string> packages = [];
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(null, CancellationToken.None))
        {
            packages.Add($"{package} {package.Key}");
        }

        Assert.Equal([$"app 1.0-1 noarch {Path.GetFileName(first.Path)}", "app 2.0-1 noarch Packages/a/app-2.0-1.noarch.rpm", "base 1.0-1 noarch Packages/b/base-1.0-1.noarch.rpm"], packages);
        XNamespace repo = "http://linux.duke.edu/metadata/repo";
        string[] types = [.. XDocument.Load(Path.Combine(folder, "repodata/repomd.xml")).Root!.Elements(repo + "data").Select(d => d.Attribute("type")!.Value)];
        Assert.Contains("group", types);
        Assert.DoesNotContain(types, t => t.EndsWith("_db", StringComparison.Ordinal));
        Assert.Contains("app-0:2.0-1.noarch", await DnfAsync(signed: false, "repoquery", "--all"), StringComparison.Ordinal);
        PublishedPointer pointer = (await repository.ReadPointerAsync(CancellationToken.None))!;
        await foreach (Finding finding in repository.Format.CheckAsync(repository, pointer, [], CancellationToken.None))
        {
            Assert.NotEqual("RepositoryIndexMissing", finding.Id);
        }
    }

    [Fact]
    public async Task Dnf_lists_the_errata_the_groups_and_the_modules_also_after_further_publications()
    {
        Repository repository = await CreateAsync(CompressionKind.Zstd, signer: null);
        await ImportAsync(repository, (await _folder.WriteAsync(App("1.0~rc1"))).Path, (await _folder.WriteAsync(Base())).Path);
        await DnfAsync(signed: false, "install", "app");
        await ImportAsync(
            repository,
            await WriteAsync("updateinfo.xml", """
                <?xml version="1.0" encoding="UTF-8"?>
                <updates><update from="a@example.com" status="final" type="security" version="1"><id>TEST-2026:7</id><title>app is mended</title><severity>Important</severity>
                <issued date="2026-11-20 00:00:00"/><description>A hole.</description><pkglist><collection short="tests"><name>tests</name>
                <package name="app" version="1.0" release="1" epoch="0" arch="noarch" src="app-1.0-1.src.rpm"><filename>app-1.0-1.noarch.rpm</filename></package>
                </collection></pkglist></update></updates>
                """),
            await WriteAsync("comps.xml", """
                <?xml version="1.0" encoding="UTF-8"?>
                <comps><group><id>tools</id><name>Tools of the tests</name><description>All of them.</description><default>true</default><uservisible>true</uservisible>
                <packagelist><packagereq type="mandatory">app</packagereq></packagelist></group></comps>
                """),
            await WriteAsync("modules.yaml", """
                ---
                document: modulemd
                version: 2
                data:
                  name: gadgets
                  stream: "7"
                  version: 1
                  context: abcdef12
                  arch: x86_64
                  summary: Gadgets of the tests
                  description: They do nothing.
                  license:
                    module: [MIT]
                ...

                """));

        await ImportAsync(repository, (await _folder.WriteAsync(App("1.0"))).Path);
        Assert.Matches("TEST-2026:7 +Important/Sec. +app-1.0-1.noarch", await DnfAsync(signed: false, "updateinfo", "list"));
        Assert.Contains("Tools of the tests", await DnfAsync(signed: false, "group", "list"), StringComparison.Ordinal);
        Assert.Matches("gadgets +7 .*Gadgets of the tests", await DnfAsync(signed: false, "--setopt=module_platform_id=platform:el9", "module", "list"));
    }

    [Fact]
    public async Task A_client_that_polls_during_two_hundred_publications_never_sees_a_mismatch()
    {
        // dnf's own library, which dnf is a shell around, so that the polls are many.
        const string Poll = """
            import dnf, os, sys
            address, cache, stop = sys.argv[1:]
            rounds = 0
            while rounds < 20 or not os.path.exists(stop):
                base = dnf.Base()
                base.conf.cachedir, base.conf.substitutions['releasever'] = cache, '9'
                repo = dnf.repo.Repo('tests', base.conf)
                repo.baseurl, repo.metadata_expire, repo.skip_if_unavailable = [address], 0, False
                base.repos.add(repo)
                base.fill_sack(load_system_repo=False)
                assert 'app' in {p.name for p in base.sack.query()}
                base.close()
                rounds += 1
            print(rounds)
            """;
        Repository repository = await CreateAsync(CompressionKind.Zstd, await s_signer.Value);
        string[] more = [(await _folder.WriteAsync(Base())).Path, (await _folder.WriteAsync(App("1.0"))).Path];
        await ImportAsync(repository, (await _folder.WriteAsync(App("1.0~rc1"))).Path);
        var poll = new ProgramCommand("/usr/bin/python3", ["-c", Poll, $"file://{RepositoryFolder}", _folder.At("polled"), _folder.At("stop")]) { Timeout = TimeSpan.FromMinutes(3) };
        Task<ProgramResult> polling = ProgramRunner.TryRunAsync(poll);
        for (int i = 0; i < 200 && !polling.IsCompleted; i++)
        {
            RepositoryTransaction transaction = repository.BeginTransaction();
            if (i % 2 == 0)
            {
                await transaction.AddAsync(new PackageAddition(more[i / 2 % 2]), CancellationToken.None);
            }
            else
            {
                transaction.Remove(p => p.Version != "1.0~rc1-1");
            }

            Assert.True((await transaction.CommitAsync(null, CancellationToken.None)).Published);
        }

        await File.WriteAllTextAsync(_folder.At("stop"), string.Empty);
        ProgramResult polled = await polling;
        Assert.True(polled.ExitCode == 0, polled.StandardOutput + polled.StandardError);
    }

    [Fact]
    public async Task A_repository_for_EL_7_has_nothing_that_its_rpm_and_yum_do_not_read()
    {
        ISigner signer = await s_signer.Value;
        Distribution distribution = DistributionCatalog.Shipped.Get("centos-7");
        var context = new RepositoryContext { OpenSigner = (_, _) => Task.FromResult(signer) };
        var configuration = new RepositoryConfiguration { Type = "Yum", Distribution = distribution.Name, Architectures = ["x86_64"], SigningKeys = [signer.Fingerprint] };
        Directory.CreateDirectory(RepositoryFolder);
        Repository repository = await Repository.CreateAsync(new DirectoryStore(RepositoryFolder, durable: false), configuration, context, CancellationToken.None);
        string package = (await _folder.WriteAsync(Base(), distribution.Compression)).Path;
        using (PackageSigning signing = await PackageSigning.CreateAsync(repository, CancellationToken.None))
        {
            (IReadOnlyList<PackageAddition> signed, _) = await signing.SignAsync([new PackageAddition(package)], null, CancellationToken.None);
            await ImportAsync(repository, [.. signed.Select(s => s.Path)]);
        }

        // Metadata: gzip alone, SHA-256, no zchunk (createrepo_c writes the same for EL 7).
        XNamespace repo = "http://linux.duke.edu/metadata/repo";
        XElement[] data = [.. XDocument.Load(Path.Combine(RepositoryFolder, "repodata/repomd.xml")).Root!.Elements(repo + "data")];
        Assert.Equal(["primary", "filelists", "other"], data.Select(d => d.Attribute("type")!.Value));
        Assert.All(data, d => Assert.EndsWith(".xml.gz", d.Element(repo + "location")!.Attribute("href")!.Value, StringComparison.Ordinal));
        Assert.All(data, d => Assert.Equal("sha256", d.Element(repo + "checksum")!.Attribute("type")!.Value));
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryFolder, "repodata"), "*.xml.gz"))
        {
            await RpmFolder.RunAsync("gzip", "--test", file);
        }

        // The package: an RSA signature of version 4 and a SHA-1 over the header (all that rpm 4.11 checks), a payload that it unpacks, no requirement that it does not know.
        string published = Directory.GetFiles(RepositoryFolder, "*.rpm", SearchOption.AllDirectories).Single();
        string key = _folder.At("archive.asc");
        File.Copy(Path.Combine(RepositoryFolder, "repodata/repomd.xml.key"), key);
        await RpmFolder.RunAsync("rpm", "--dbpath", _folder.At("rpmdb"), "--import", key);
        string log = await RpmFolder.RunAsync("rpm", "--dbpath", _folder.At("rpmdb"), "-Kv", published);
        Assert.Matches("Header V4 RSA/SHA(256|512) Signature, key ID [0-9a-f]+: OK", log);
        Assert.Contains("Header SHA1 digest: OK", log, StringComparison.Ordinal);
        string query = await RpmFolder.RunAsync("rpm", "-qp", "--nosignature", "--queryformat", "%{RSAHEADER:pgpsig}|%{PAYLOADCOMPRESSOR}|[%{REQUIRENAME} ]", published);
        Assert.Matches(@"^RSA/SHA\d+, .*\|(xz|gzip)\|", query);
        Assert.DoesNotContain("rpmlib(PayloadIsZstd)", query, StringComparison.Ordinal);
        Assert.DoesNotContain("rpmlib(RichDependencies)", query, StringComparison.Ordinal);

        // Keys that rpm 4.11 does not know never come so far.
        string folder = Directory.CreateDirectory(_folder.At("weak")).FullName;
        var keys = new SigningKeyStore(_folder.At("keys"));
        SigningKey unknown = await keys.NewAsync(new SigningKeyRequest("Tests", "tests@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        context = new RepositoryContext { OpenSigner = async (_, token) => await keys.OpenSignerAsync(unknown.Fingerprint, cancellationToken: token) };
        configuration = configuration with { SigningKeys = [unknown.Fingerprint] };
        Assert.Equal("SigningKeyRefused", (await Assert.ThrowsAsync<OmnibusException>(() => Repository.CreateAsync(new DirectoryStore(folder), configuration, context, CancellationToken.None))).Id);
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(_folder.At(name), text);
        return _folder.At(name);
    }

    private static PackageDefinition App(string version) => RpmSamples.Small(version, RpmSamples.File("/opt/app/version", version)) with
    {
        Name = "app",
        Relations = [PackageRelation.To(RelationKind.Depends, "base", RelationOperator.GreaterOrEqual, "1.0"), PackageRelation.To(RelationKind.Recommends, "not-there")],
        Changelog = [new ChangelogEntry(version + "-1", RpmSamples.Time, "A B <a@example.com>", ["first"])],
    };

    private static PackageDefinition Base() => RpmSamples.Small("1.0", RpmSamples.File("/opt/base/file", "base")) with { Name = "base" };

    private async Task<string> SignedAsync(ISigner signer, PackageDefinition definition)
    {
        PackageFile package = await _folder.WriteAsync(definition);
        await RpmSignatureEditor.SignAsync(package.Path, signer, new RpmSignOptions(), CancellationToken.None);
        return package.Path;
    }

    private static async Task<ISigner> MakeSignerAsync()
    {
        string folder = Directory.CreateTempSubdirectory("omnibus-keys-").FullName;
        try
        {
            var keys = new SigningKeyStore(folder);
            SigningKey key = await keys.NewAsync(new SigningKeyRequest("Tests", "tests@example.com"));
            return await keys.OpenSignerAsync(key.Fingerprint);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Repository> CreateAsync(CompressionKind kind, ISigner? signer)
    {
        var context = new RepositoryContext { OpenSigner = (_, _) => Task.FromResult(signer!) };
        var configuration = new RepositoryConfiguration
        {
            Type = "Yum",
            Architectures = ["x86_64"],
            Compressions = [kind],
            SigningKeys = signer is null ? [] : [signer.Fingerprint],
        };
        Directory.CreateDirectory(RepositoryFolder);
        return await Repository.CreateAsync(new DirectoryStore(RepositoryFolder, durable: false), configuration, context, CancellationToken.None);
    }

    private static async Task ImportAsync(Repository repository, params string[] paths)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        foreach (string path in paths)
        {
            await transaction.AddAsync(new PackageAddition(path), CancellationToken.None);
        }

        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private Task<string> DnfAsync(params string[] arguments) => DnfAsync(signed: true, arguments);

    private Task<string> DnfAsync(bool signed, params string[] arguments) => Client(signed).RunAsync(arguments);

    private Task<ProgramResult> TryDnfAsync(params string[] arguments) => Client(signed: true).TryRunAsync(arguments);

    private DnfRoot Client(bool signed) => new(_folder.Path, $"file://{RepositoryFolder}", signed, signed);
}
