using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Signing;

/// <summary>Keys that gpg made and clients refuse: nothing is published with them, on no path.</summary>
public sealed class WeakKeyPublishingTests(ForeignKeysTests.Fixture fixture) : IClassFixture<ForeignKeysTests.Fixture>, IDisposable
{
    private readonly ScratchFolder _folder = new();
    private ISigner _signer = null!;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rsa1024", "1024")]
    [InlineData("sha1", "SHA1")]
    [InlineData("expired", "expired")]
    [InlineData("nobacksig", "does not confirm")]
    public async Task A_repository_is_not_made_with_a_key_that_its_clients_refuse(string name, string reason)
    {
        _signer = await SignerAsync(name);
        OmnibusException refused = await Assert.ThrowsAsync<OmnibusException>(() => CreateAsync("debian-13"));
        Assert.Equal(("SigningKeyRefused", ErrorKind.Security), (refused.Id, refused.Kind));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Advice);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task It_is_the_repository_s_own_clients_that_count()
    {
        _signer = await SignerAsync("sha1");
        await CreateAsync("debian-12");
        OmnibusException refused = await Assert.ThrowsAsync<OmnibusException>(() => CreateAsync(null, "any"));
        Assert.Contains("apt 3 with sqv", refused.Message, StringComparison.Ordinal);
        Assert.Contains("-Distribution", refused.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa1024")]
    [InlineData("sha1")]
    [InlineData("expired")]
    public async Task No_path_publishes_with_a_key_that_has_become_weak(string name)
    {
        _signer = await SignerAsync("rsa3072");
        Repository repository = await CreateAsync("debian-13");
        var checkpoints = new RepositoryCheckpoints(repository);
        await checkpoints.CreateAsync("empty", CancellationToken.None);
        byte[] pointer = await File.ReadAllBytesAsync(PointerPath);
        string deb = await DebAsync();

        _signer = await SignerAsync(name);
        await AssertRefusedAsync(async () =>
        {
            RepositoryTransaction import = repository.BeginTransaction();
            await import.AddAsync(new PackageAddition(deb), CancellationToken.None);
            await import.CommitAsync(null, CancellationToken.None);
        });
        await AssertRefusedAsync(async () =>
        {
            RepositoryTransaction update = repository.BeginTransaction();
            update.AcceptAnySigner = true;
            update.Refresh();
            await update.CommitAsync(null, CancellationToken.None);
        });
        await AssertRefusedAsync(() => checkpoints.RestoreAsync("empty", null, CancellationToken.None));
        await AssertRefusedAsync(() => repository.ConfigureAsync(repository.Configuration with { SigningKeys = [_signer.Fingerprint] }, CancellationToken.None));
        await AssertRefusedAsync(async () =>
        {
            var request = new PublishRequest(repository, _folder.Folder("elsewhere")) { Channel = PublishChannel.Direct };
            await foreach (PublishResult _ in RepositoryPublisher.PublishAsync(request, null, CancellationToken.None))
            {
            }
        });
        Assert.Equal(pointer, await File.ReadAllBytesAsync(PointerPath));
        Assert.Empty(Directory.GetFiles(_folder.Folder("elsewhere"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_weak_key_beside_a_good_one_is_no_obstacle_and_one_that_expires_soon_is_told()
    {
        ISigner weak = await SignerAsync("sha1");
        var store = new SigningKeyStore(_folder.Folder("keys"));
        SigningKey soon = await store.NewAsync(new SigningKeyRequest("Soon", "soon@example.com") { Algorithm = SigningKeyAlgorithm.Rsa3072, Lifetime = TimeSpan.FromDays(20) });
        _signer = new MultiSigner([weak, await store.OpenSignerAsync(soon.Fingerprint)]);
        var told = new List<string>();
        await CreateAsync("debian-13", progress: new Listener(told));
        string warning = Assert.Single(told);
        Assert.Contains("expire", warning, StringComparison.Ordinal);
        Assert.Contains(soon.KeyId, warning, StringComparison.Ordinal);
    }

    private string PointerPath => Path.Combine(_folder.Path, "repository/dists/stable/InRelease");

    private static async Task AssertRefusedAsync(Func<Task> publish) =>
        Assert.Equal("SigningKeyRefused", (await Assert.ThrowsAsync<OmnibusException>(publish)).Id);

    // As its clients know it: the keyring of the key that expired is older than its owner's extension, one lost its back-signature.
    private async Task<ISigner> SignerAsync(string name)
    {
        byte[] secret = await fixture.GnuPG.BytesAsync("--export-secret-keys", fixture.Fingerprint(name));
        return InProcessSigner.Open(secret, null, SigningKey.Read(await File.ReadAllBytesAsync(fixture.Files(name).Keyring))[0]);
    }

    private Task<Repository> CreateAsync(string? distribution, string folder = "repository", IProgress<OperationProgress>? progress = null) => Repository.CreateAsync(
        new DirectoryStore(_folder.Folder(folder), durable: false),
        new RepositoryConfiguration
        {
            Type = "Apt",
            Distribution = distribution,
            Architectures = ["amd64"],
            SigningKeys = [_signer.Fingerprint],
            Apt = new AptConfiguration { Codename = "stable" },
        },
        new RepositoryContext { OpenSigner = (_, _) => Task.FromResult(_signer) },
        progress,
        CancellationToken.None);

    private async Task<string> DebAsync()
    {
        var definition = new PackageDefinition
        {
            Name = "tool",
            Version = PackageVersion.Parse("1.0-1"),
            Architecture = "all",
            Summary = "tool of the tests",
            Maintainer = "Tests <tests@example.com>",
        };
        PackageFile package = await PackageFormats.Get("Deb").WriteAsync(definition, _folder.Folder("built"), new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)), CancellationToken.None);
        return package.Path;
    }

    private sealed class Listener(List<string> told) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value)
        {
            if (value.Kind == ProgressKind.Warning)
            {
                told.Add(value.Status);
            }
        }
    }
}
