using System.Diagnostics;
using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>What real clients make of a repository: apt with gpgv, sqv, apt-ftparchive.</summary>
public sealed class AptClientTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, ISigner> _signers = new(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(RepositoryLayout.Pool, true)]
    [InlineData(RepositoryLayout.Pool, false)]
    [InlineData(RepositoryLayout.Flat, true)]
    public async Task Apt_updates_and_installs_from_a_signed_repository(RepositoryLayout layout, bool byHash)
    {
        Repository repository = await CreateAsync(layout);
        await ImportAsync(repository, await DebAsync("tool", "1.0-1", depends: "data"), await DebAsync("data", "1:2.0~rc1", "all"));
        var apt = new AptRoot(_folder, "client", Source(layout), byHash);
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
            var apt = new AptRoot(_folder, $"client-{kind}", Source(RepositoryLayout.Pool, $"repository-{kind}"));
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
        File.WriteAllBytes(Path.Combine(_folder.Path, "archive.gpg"), stranger.PublicKey.ToArray());
        (_, string output) = new AptRoot(_folder, "client", Source(RepositoryLayout.Pool)).Run("apt-get", "update");
        Assert.Contains("NO_PUBKEY", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gpgv_and_sqv_accept_the_signatures()
    {
        await NewSignerAsync("archive", SigningKeyAlgorithm.Rsa3072);
        await CreateAsync(RepositoryLayout.Pool);
        string suite = Path.Combine(_folder.Path, "repository/dists/stable");
        string key = Path.Combine(_folder.Path, "archive.gpg");
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
        using FileStream file = File.OpenRead(Path.Combine(_folder.Path, "repository/dists/stable/main/binary-amd64/Packages.gz"));
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
        var apt = new AptRoot(_folder, "client", Source(RepositoryLayout.Pool));
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

    private static SortedSet<string> Stanzas(string index) => new(
        index.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(s => s.Trim('\n')), StringComparer.Ordinal);

    private string Source(RepositoryLayout layout, string repository = "repository") => $"""
        Types: deb
        URIs: file:{_folder.Path}/{repository}
        Suites: {(layout == RepositoryLayout.Flat ? "./" : "stable")}
        {(layout == RepositoryLayout.Flat ? "Enabled: yes" : "Components: main")}
        Signed-By: {_folder.Path}/archive.gpg
        """;

    private async Task<Repository> CreateAsync(RepositoryLayout layout, Func<RepositoryConfiguration, RepositoryConfiguration>? change = null, string folder = "repository")
    {
        ISigner signer = await NewSignerAsync("archive");
        File.WriteAllBytes(Path.Combine(_folder.Path, "archive.gpg"), signer.PublicKey.ToArray());
        var configuration = new RepositoryConfiguration
        {
            Type = "Apt",
            Layout = layout,
            Architectures = ["amd64"],
            SigningKeys = [signer.Fingerprint],
            ValidFor = TimeSpan.FromDays(7),
            Apt = new AptConfiguration { Codename = "stable" },
        };
        return await Repository.CreateAsync(
            new DirectoryStore(_folder.Folder(folder), durable: false),
            change is null ? configuration : change(configuration),
            new RepositoryContext { OpenSigner = (_, _) => Task.FromResult(signer) },
            CancellationToken.None);
    }

    // Ed25519 makes the many publications of these tests quick; RSA is what most archives have.
    private async Task<ISigner> NewSignerAsync(string name, SigningKeyAlgorithm algorithm = SigningKeyAlgorithm.Ed25519)
    {
        var store = new SigningKeyStore(_folder.Folder("keys", name));
        if (_signers.TryGetValue(name, out ISigner? known))
        {
            return known;
        }

        SigningKey key = await store.NewAsync(new SigningKeyRequest(name, $"{name}@example.com") { Algorithm = algorithm });
        return _signers[name] = await store.OpenSignerAsync(key.Fingerprint);
    }

    private static async Task ImportAsync(Repository repository, params string[] debs)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync([.. debs.Select(d => new PackageAddition(d))], null, CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private async Task<string> DebAsync(string name, string version, string architecture = "amd64", string? depends = null)
    {
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
            new PackageDefinition
            {
                Name = name,
                Version = PackageVersion.Parse(version),
                Architecture = architecture,
                Summary = $"the {name} of the tests",
                Description = "A longer text\nof two lines.\n\nAnd another paragraph.",
                Maintainer = "Tests <tests@example.com>",
                Section = "utils",
                Homepage = "https://example.com/",
                Relations = depends is null ? [] : Omnibus.Core.Packages.Deb.DebRelation.Parse(RelationKind.Depends, depends),
                CustomFields = [new("X-Custom", "kept as it is")],
                Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/text") { Content = new MemoryContent(Encoding.UTF8.GetBytes(name)) }],
            },
            _folder.Folder("built"),
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)),
            CancellationToken.None);
        return package.Path;
    }

    // By dpkg-deb, with fields in an order of its own.
    private Task<string> DpkgDebAsync()
    {
        _folder.Write("tree/DEBIAN/control", """
            Package: odd
            Version: 1
            Description: fields in an odd order
             and text with a dot
             .
             line
            Tag: role::program
            Maintainer: Tests <tests@example.com>
            Essential: no
            Task: minimal
            Installed-Size: 12
            Section: misc
            Priority: extra
            Multi-Arch: foreign
            Source: odd-source (0.9)
            Architecture: all
            Breaks: other (<< 2)
            Python-Version: 3

            """);
        string file = Path.Combine(_folder.Path, "odd_1_all.deb");
        Require("dpkg-deb", "--root-owner-group", "-b", Path.Combine(_folder.Path, "tree"), file);
        return Task.FromResult(file);
    }

    private string Require(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.Combine(_folder.Path, "repository") };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{output}{errors.Result}");
        return output;
    }
}
