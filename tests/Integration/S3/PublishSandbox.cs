using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Integration.Repositories;
using Omnibus.Tests.Integration.Rpm;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

/// <summary>Local repositories with packages, and what publishes them: in this process or as one of its own.</summary>
internal sealed class PublishSandbox : IDisposable
{
    private readonly RepositorySandbox _packages = new();
    private readonly ScratchFolder _clients = new();

    private PublishSandbox()
    {
        KeyFolder = Path.Combine(_packages.Root, "keys");
        KeyStore = new SigningKeyStore(KeyFolder);
        Context = new RepositoryContext { OpenSigner = async (fingerprints, token) => await KeyStore.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
    }

    public string KeyFolder { get; }

    public SigningKeyStore KeyStore { get; }

    public SigningKey Key { get; private set; } = null!;

    public RepositoryContext Context { get; }

    public string Root => _packages.Root;

    public static async Task<PublishSandbox> CreateAsync()
    {
        var sandbox = new PublishSandbox();
        sandbox.Key = await sandbox.KeyStore.NewAsync(new SigningKeyRequest("Tests", "tests@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        return sandbox;
    }

    public async Task<Repository> RepositoryAsync(string name, Func<RepositoryConfiguration, RepositoryConfiguration>? configure = null)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, name)).FullName;
        var configuration = new RepositoryConfiguration
        {
            Type = "Apt",
            Distribution = "debian-12",
            Architectures = ["amd64"],
            SigningKeys = [Key.Fingerprint],
            Apt = new AptConfiguration { Codename = "bookworm" },
        };
        return await Repository.CreateAsync(new DirectoryStore(folder, durable: false), configure?.Invoke(configuration) ?? configuration, Context, CancellationToken.None);
    }

    public Task<string> DebAsync(string name, string version = "1.0-1", string architecture = "amd64", string text = "") => _packages.DebAsync(name, version, architecture, text);

    /// <summary>A package of about this many bytes that cannot be compressed.</summary>
    public async Task<string> LargeDebAsync(string name, int size)
    {
        byte[] content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(size);
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
            new PackageDefinition
            {
                Name = name,
                Version = PackageVersion.Parse("1.0-1"),
                Architecture = "amd64",
                Summary = "a large package",
                Maintainer = "Tests <tests@example.com>",
                Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/data") { Content = new MemoryContent(content) }],
            },
            Directory.CreateDirectory(Path.Combine(Root, "built", name)).FullName,
            new PackageWriteOptions(new CompressionSettings(CompressionKind.None)),
            CancellationToken.None);
        return package.Path;
    }

    public async Task<string> RpmAsync(string name, bool signed = false)
    {
        PackageDefinition definition = RpmSamples.Small("1.0", RpmSamples.File($"/opt/{name}/text", name)) with { Name = name };
        string folder = Directory.CreateDirectory(Path.Combine(Root, "built", Guid.NewGuid().ToString("n")[..8])).FullName;
        PackageFile package = await new RpmFormat().WriteAsync(definition, folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)), CancellationToken.None);
        if (signed)
        {
            await RpmSignatureEditor.SignAsync(package.Path, await KeyStore.OpenSignerAsync(Key.Fingerprint), new RpmSignOptions(), CancellationToken.None);
        }

        return package.Path;
    }

    /// <summary>An apt repository with packages.</summary>
    public Task<Repository> FilledAsync(string name, params string[] packages) => FilledAsync(name, null, packages);

    /// <summary>An apt repository with packages and a configuration of its own.</summary>
    public async Task<Repository> FilledAsync(string name, Func<RepositoryConfiguration, RepositoryConfiguration>? configure, params string[] packages)
    {
        Repository repository = await RepositoryAsync(name, configure);
        await RepositorySandbox.ImportAsync(repository, await Task.WhenAll(packages.Select(package => DebAsync(package))));
        return repository;
    }

    /// <summary>A yum repository with packages.</summary>
    public async Task<Repository> FilledYumAsync(string name, bool signed, params string[] packages)
    {
        Repository repository = await RepositoryAsync(name, c => c with { Type = "Yum", Distribution = "rocky-9", Architectures = ["x86_64"], Apt = null });
        await RepositorySandbox.ImportAsync(repository, await Task.WhenAll(packages.Select(package => RpmAsync(package, signed))));
        return repository;
    }

    public static async Task<PublishResult> PublishAsync(Repository source, string destination, S3Connection connection, Func<PublishRequest, PublishRequest>? configure = null)
    {
        var request = new PublishRequest(source, destination) { Channel = PublishChannel.Direct, Connection = connection };
        PublishResult? only = null;
        await foreach (PublishResult result in RepositoryPublisher.PublishAsync(configure?.Invoke(request) ?? request, null, CancellationToken.None))
        {
            Assert.Null(only);
            only = result;
        }

        return only ?? throw new InvalidOperationException("Nothing was published.");
    }

    public static async Task<List<string>> ListAsync(S3Location place, S3Connection connection, RepositoryContext context)
    {
        using var store = new S3Store(place, connection);
        return await RepositorySandbox.ListAsync(await Repository.OpenAsync(store, context, CancellationToken.None));
    }

    /// <summary>A publisher as a process of its own: several repositories side by side.</summary>
    public ProgramCommand Publisher(Uri endpoint, params IEnumerable<(Repository Source, S3Location Place)> works) => new(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Omnibus.Tests.Publisher.dll"), KeyFolder, endpoint.ToString(), .. works.SelectMany(w => new[] { w.Source.Location, w.Place.ToString() })])
    {
        InheritEnvironment = true,
        Environment = new Dictionary<string, string?> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" },
        Timeout = TimeSpan.FromMinutes(6),
    };

    /// <summary>An apt with a state of its own that trusts the key and reads a place of the store without credentials.</summary>
    public async Task<AptRoot> AptAsync(Uri endpoint, S3Location place)
    {
        string keyring = Path.Combine(_clients.Path, "keyring.gpg");
        await File.WriteAllBytesAsync(keyring, (await KeyStore.OpenSignerAsync(Key.Fingerprint)).PublicKey.ToArray());
        return new AptRoot(_clients, $"apt-{Guid.NewGuid():n}", $"Types: deb\nURIs: {Address(endpoint, place)}\nSuites: bookworm\nComponents: main\nSigned-By: {keyring}\n");
    }

    /// <summary>A dnf that reads a place of the store without credentials.</summary>
    public DnfRoot Dnf(Uri endpoint, S3Location place, bool packagesSigned, bool pointerSigned) =>
        new(_clients.Folder($"dnf-{Guid.NewGuid():n}"), Address(endpoint, place), packagesSigned, pointerSigned);

    public void Dispose()
    {
        _clients.Dispose();
        _packages.Dispose();
    }

    private static string Address(Uri endpoint, S3Location place) => $"{endpoint}{place.Bucket}/{place.Prefix}";
}
