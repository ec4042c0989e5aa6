using System.Globalization;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

/// <summary>Local repositories with packages, and what publishes them: in this process or as one of its own.</summary>
internal sealed class PublishSandbox : IDisposable
{
    private readonly RepositorySandbox _packages = new();
    private readonly string _keys;

    private PublishSandbox()
    {
        _keys = Path.Combine(_packages.Root, "keys");
        KeyStore = new SigningKeyStore(_keys);
        Context = new RepositoryContext { OpenSigner = async (fingerprints, token) => await KeyStore.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
    }

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

    public async Task<Repository> FilledAsync(string name, params string[] packages)
    {
        Repository repository = await RepositoryAsync(name);
        await RepositorySandbox.ImportAsync(repository, await Task.WhenAll(packages.Select(package => DebAsync(package))));
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

    /// <summary>A publisher as a process of its own.</summary>
    public ProgramCommand Publisher(Repository source, S3Location place, Uri endpoint) => new(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Omnibus.Tests.Publisher.dll"), _keys, source.Location, place.ToString(), endpoint.ToString()])
    {
        InheritEnvironment = true,
        Environment = new Dictionary<string, string?> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" },
        Timeout = TimeSpan.FromMinutes(6),
    };

    /// <summary>The client's configuration: apt with a state of its own that trusts the key and reads a place of the store without credentials.</summary>
    public async Task<IReadOnlyList<string>> AptOptionsAsync(Uri endpoint, S3Location place)
    {
        string apt = Directory.CreateDirectory(Path.Combine(Root, "apt-" + Guid.NewGuid().ToString("n")[..8])).FullName;
        foreach (string folder in new[] { "state/lists/partial", "cache/archives/partial", "etc/sources.list.d", "etc/preferences.d", "etc/apt.conf.d", "dpkg" })
        {
            Directory.CreateDirectory(Path.Combine(apt, folder));
        }

        string keyring = Path.Combine(apt, "keyring.gpg");
        await File.WriteAllBytesAsync(keyring, (await KeyStore.OpenSignerAsync(Key.Fingerprint)).PublicKey.ToArray());
        await File.WriteAllTextAsync(Path.Combine(apt, "dpkg/status"), string.Empty);
        await File.WriteAllTextAsync(
            Path.Combine(apt, "etc/sources.list"),
            string.Create(CultureInfo.InvariantCulture, $"deb [signed-by={keyring}] {endpoint}{place.Bucket}/{place.Prefix} bookworm main\n"));
        return
        [
            "-o", $"Dir::State={apt}/state", "-o", $"Dir::Cache={apt}/cache", "-o", $"Dir::Etc={apt}/etc", "-o", $"Dir::State::status={apt}/dpkg/status",
            "-o", "APT::Architecture=amd64", "-o", "APT::Architectures::=amd64", "-o", "Acquire::Languages=none", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=0",
            "-o", "APT::Update::Error-Mode=any", "-o", "Debug::NoLocking=1",
        ];
    }

    public void Dispose() => _packages.Dispose();
}
