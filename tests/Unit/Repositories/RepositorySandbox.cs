using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Repositories;

/// <summary>A folder with packages and a repository, removed afterwards.</summary>
internal sealed class RepositorySandbox : IDisposable
{
    private static readonly Lazy<Task<ISigner>> s_signer = new(MakeSignerAsync);

    public RepositorySandbox()
    {
        Root = Directory.CreateTempSubdirectory("omnibus-repository-").FullName;
        Directory.CreateDirectory(Folder);
        Context = new RepositoryContext { OpenSigner = (_, _) => s_signer.Value, Clock = Clock };
    }

    public string Root { get; }

    public string Folder => Path.Combine(Root, "repository");

    public TestClock Clock { get; } = new();

    public RepositoryContext Context { get; set; }

    public static RepositoryConfiguration Configuration { get; } = new()
    {
        Type = "Apt",
        Architectures = ["amd64"],
        Origin = "Example",
        Label = "Example",
        Description = "Packages of the tests",
        Compressions = [CompressionKind.Gzip],
        KeepGenerations = 1,
        GracePeriod = TimeSpan.Zero,
        Apt = new AptConfiguration { Codename = "stable" },
    };

    public DirectoryStore Store() => new(Folder, durable: false);

    public Task<Repository> CreateAsync(RepositoryConfiguration? configuration = null) =>
        Repository.CreateAsync(Store(), configuration ?? Configuration, Context, CancellationToken.None);

    public Task<Repository> OpenAsync(IObjectStore? store = null) => Repository.OpenAsync(store ?? Store(), Context, CancellationToken.None);

    public static async Task<RepositoryConfiguration> SignedAsync() => Configuration with { SigningKeys = [(await s_signer.Value).Fingerprint] };

    /// <summary>Takes packages out.</summary>
    public static async Task RemoveAsync(Repository repository, Func<PublishedPackage, bool> which)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Remove(which);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    /// <summary>Publishes a repository anew with another configuration.</summary>
    public static async Task<Repository> ReconfigureAsync(Repository repository, RepositoryConfiguration configuration)
    {
        repository = await repository.ConfigureAsync(configuration, CancellationToken.None);
        RepositoryTransaction refresh = repository.BeginTransaction();
        refresh.Refresh();
        await refresh.CommitAsync(null, CancellationToken.None);
        return repository;
    }

    /// <summary>Makes a package; other text gives other bytes.</summary>
    public Task<string> DebAsync(string name, string version = "1.0", string architecture = "amd64", string text = "", params PackageRelation[] relations) =>
        DebAsync(name, version, architecture, text, [$"/usr/share/{name}/text"], relations);

    /// <summary>Makes a package with files of its own.</summary>
    public async Task<string> DebAsync(string name, string version, string architecture, string text, string[] files, params PackageRelation[] relations)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, "built", Guid.NewGuid().ToString("N")[..8])).FullName;
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
            new PackageDefinition
            {
                Name = name,
                Version = PackageVersion.Parse(version),
                Architecture = architecture,
                Summary = $"the {name} of the tests",
                Description = $"Its text is '{text}'.",
                Maintainer = "Tests <tests@example.com>",
                Section = "utils",
                Relations = relations,
                Entries = [.. files.Select(f => new PackageEntry(PackageEntryKind.File, f) { Content = new MemoryContent(System.Text.Encoding.UTF8.GetBytes(text)) })],
            },
            folder,
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)),
            CancellationToken.None);
        return package.Path;
    }

    public static async Task<RepositoryCommit> ImportAsync(Repository repository, params string[] paths)
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        foreach (string path in paths)
        {
            await transaction.AddAsync(new PackageAddition(path), CancellationToken.None);
        }

        return await transaction.CommitAsync(null, CancellationToken.None);
    }

    public static async Task<List<string>> ListAsync(Repository repository, PublishedPointer? pointer = null)
    {
        var names = new List<string>();
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(pointer, CancellationToken.None))
        {
            names.Add(package.ToString());
        }

        return names;
    }

    /// <summary>An index under its plain name, decompressed.</summary>
    public string Index(string path)
    {
        using FileStream file = File.OpenRead(Path.Combine(Folder, "dists/stable", path));
        CompressionKind kind = Path.GetExtension(path) switch { ".gz" => CompressionKind.Gzip, ".xz" => CompressionKind.Xz, ".zst" => CompressionKind.Zstd, _ => CompressionKind.None };
        using Stream plain = Compressors.Decompress(file, kind);
        return new StreamReader(plain).ReadToEnd();
    }

    /// <summary>Every key that clients can see.</summary>
    public static async Task<List<string>> VisibleKeysAsync(IObjectStore store)
    {
        var keys = new List<string>();
        await foreach (StoredObject stored in store.ListAsync(string.Empty, CancellationToken.None))
        {
            if (!RepositoryKeys.IsHidden(stored.Key))
            {
                keys.Add(stored.Key);
            }
        }

        return keys;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static async Task<ISigner> MakeSignerAsync()
    {
        string folder = Directory.CreateTempSubdirectory("omnibus-keys-").FullName;
        try
        {
            var keys = new SigningKeyStore(folder);
            SigningKey key = await keys.NewAsync(new SigningKeyRequest("Tests", "tests@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519, Created = TestClock.Start.AddDays(-1) });
            return await keys.OpenSignerAsync(key.Fingerprint);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>A clock that tests set.</summary>
internal sealed class TestClock : TimeProvider
{
    public static DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    public DateTimeOffset Now { get; set; } = Start;

    public override DateTimeOffset GetUtcNow() => Now;
}
