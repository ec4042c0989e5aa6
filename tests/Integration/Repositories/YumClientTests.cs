using System.Xml.Linq;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
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
