using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Core.Vms.Testing;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>A signed repository in a folder of a test.</summary>
internal sealed class TestRepository
{
    private readonly SigningKeyStore _keys;
    private readonly SigningKey _key;

    private TestRepository(SigningKeyStore keys, SigningKey key, Repository repository)
    {
        _keys = keys;
        _key = key;
        Repository = repository;
    }

    public Repository Repository { get; }

    /// <summary>Makes an apt repository for bookworm, or a yum repository.</summary>
    public static async Task<TestRepository> CreateAsync(ScratchFolder scratch, string type = "Apt")
    {
        var keys = new SigningKeyStore(scratch.PathOf("keys", "x"));
        SigningKey key = await keys.NewAsync(new SigningKeyRequest("Example Packaging", "packages@example.com") { Algorithm = SigningKeyAlgorithm.Rsa3072 });
        bool apt = type == "Apt";
        Repository repository = await Repository.CreateAsync(
            new DirectoryStore(scratch.Folder("repository"), durable: false),
            new RepositoryConfiguration
            {
                Type = type,
                Architectures = [apt ? "amd64" : "x86_64"],
                Components = apt ? ["main"] : [],
                SigningKeys = [key.Fingerprint],
                Apt = apt ? new AptConfiguration { Codename = "bookworm" } : null,
            },
            new RepositoryContext { OpenSigner = (names, token) => new SignerSource(keys).OpenAsync(names, null, token) },
            CancellationToken.None);
        return new TestRepository(keys, key, repository);
    }

    public async Task PublishAsync(params IEnumerable<string> packages)
    {
        RepositoryTransaction transaction = Repository.BeginTransaction();
        foreach (string package in packages)
        {
            if (package.EndsWith(".rpm", StringComparison.Ordinal))
            {
                await RpmPackageSigning.SignAsync(package, await _keys.OpenSignerAsync(_key.Fingerprint));
            }

            await transaction.AddAsync(new PackageAddition(package), CancellationToken.None);
        }

        await transaction.CommitAsync(null, CancellationToken.None);
    }

    public Task<GuestRepository> AsSeenByGuestsAsync() => GuestRepository.FromAsync(Repository, _keys);
}
