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

/// <summary>What tests of apt repositories share: packages, keys, repositories, and the programs that judge them.</summary>
public abstract class AptArchiveTests : IDisposable
{
    private readonly Dictionary<string, ISigner> _signers = new(StringComparer.Ordinal);

    /// <summary>Everything of one test lies here.</summary>
    internal ScratchFolder Scratch { get; } = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Scratch.Dispose();
        }
    }

    protected static SortedSet<string> Stanzas(string index) => new(
        index.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(s => s.Trim('\n')), StringComparer.Ordinal);

    protected string Source(RepositoryLayout layout, string repository = "repository") => $"""
        Types: deb
        URIs: file:{Scratch.Path}/{repository}
        Suites: {(layout == RepositoryLayout.Flat ? "./" : "stable")}
        {(layout == RepositoryLayout.Flat ? "Enabled: yes" : "Components: main")}
        Signed-By: {Scratch.Path}/archive.gpg
        """;

    protected async Task<Repository> CreateAsync(RepositoryLayout layout, Func<RepositoryConfiguration, RepositoryConfiguration>? change = null, string folder = "repository", TimeProvider? clock = null)
    {
        ISigner signer = await NewSignerAsync("archive");
        File.WriteAllBytes(Path.Combine(Scratch.Path, "archive.gpg"), signer.PublicKey.ToArray());
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
            new DirectoryStore(Scratch.Folder(folder), durable: false),
            change is null ? configuration : change(configuration),
            new RepositoryContext { OpenSigner = (_, _) => Task.FromResult(signer), Clock = clock ?? TimeProvider.System },
            CancellationToken.None);
    }

    // Ed25519 makes the many publications of these tests quick; RSA is what most archives have.
    protected async Task<ISigner> NewSignerAsync(string name, SigningKeyAlgorithm algorithm = SigningKeyAlgorithm.Ed25519)
    {
        var store = new SigningKeyStore(Scratch.Folder("keys", name));
        if (_signers.TryGetValue(name, out ISigner? known))
        {
            return known;
        }

        SigningKey key = await store.NewAsync(new SigningKeyRequest(name, $"{name}@example.com") { Algorithm = algorithm, Created = DateTimeOffset.UtcNow.AddDays(-7) });
        return _signers[name] = await store.OpenSignerAsync(key.Fingerprint);
    }

    protected static async Task ImportAsync(Repository repository, params string[] debs)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync([.. debs.Select(d => new PackageAddition(d))], null, CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    protected async Task<string> DebAsync(string name, string version, string architecture = "amd64", string? depends = null)
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
            Scratch.Folder("built"),
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)),
            CancellationToken.None);
        return package.Path;
    }

    // By dpkg-deb, with fields in an order of its own.
    protected Task<string> DpkgDebAsync()
    {
        Scratch.Write("tree/DEBIAN/control", """
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
        string file = Path.Combine(Scratch.Path, "odd_1_all.deb");
        Require("dpkg-deb", "--root-owner-group", "-b", Path.Combine(Scratch.Path, "tree"), file);
        return Task.FromResult(file);
    }

    protected string Require(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.Combine(Scratch.Path, "repository") };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{output}{errors.Result}");
        return output;
    }
}
