using Omnibus.Core.Delivery;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Unit.Recipes;

public sealed class RepositoryDelivererTests : IDisposable
{
    private readonly RepositorySandbox _sandbox = new();
    private readonly SigningKeyStore _keys;

    public RepositoryDelivererTests() => _keys = new SigningKeyStore(Path.Combine(_sandbox.Root, "keys"));

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task A_machine_of_another_architecture_builds_into_the_same_repository()
    {
        await _keys.NewAsync(new SigningKeyRequest("Example", "packages@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
        RepositoryDelivery first = await DeliverAsync("x86_64", await _sandbox.DebAsync("tool"));
        Assert.Null(first.NewKey);
        Assert.Equal(["amd64"], first.Repository.Configuration.Architectures);

        RepositoryDelivery second = await DeliverAsync("aarch64", await _sandbox.DebAsync("tool", architecture: "arm64"));
        Assert.Equal(["amd64", "arm64"], second.Repository.Configuration.Architectures);
        Assert.Equal(["tool 1.0 amd64", "tool 1.0 arm64"], await RepositorySandbox.ListAsync(second.Repository));
        Assert.False((await DeliverAsync("x86_64", await _sandbox.DebAsync("tool"))).Commit.Published);
    }

    [Fact]
    public async Task A_key_given_as_name_and_address_is_made_once_and_one_that_clients_refuse_is_not_used()
    {
        RepositoryDelivery made = await DeliverAsync("x86_64", await _sandbox.DebAsync("tool"));
        Assert.Equal(made.Repository.Configuration.SigningKeys, [made.NewKey!.Fingerprint]);
        Assert.Equal(("RSA", 4096), (made.NewKey.Algorithm, made.NewKey.Size));

        Directory.Delete(Folder, recursive: true);
        _keys.Remove(made.NewKey);
        await _keys.NewAsync(new SigningKeyRequest("Example", "packages@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519, Created = DateTimeOffset.UtcNow.AddDays(-10), Lifetime = TimeSpan.FromDays(3) });
        string deb = await _sandbox.DebAsync("tool");
        Assert.Equal("SigningKeyRefused", (await Assert.ThrowsAsync<OmnibusException>(() => DeliverAsync("x86_64", deb))).Id);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public async Task A_repository_of_the_other_kind_is_left_alone()
    {
        await DeliverAsync("x86_64", await _sandbox.DebAsync("tool"));
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => DeliverAsync("x86_64", null, "rocky-9"));
        Assert.Equal("RepositoryTypeMismatch", error.Id);
    }

    private string Folder => Path.Combine(_sandbox.Root, "archive");

    private async Task<RepositoryDelivery> DeliverAsync(string architecture, string? deb, string distribution = "debian-12")
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + $"packages: [{{ name: tool }}]\nrepository: {{ path: '{Folder}' }}\n");
        BuildPlan plan = folder.Load().Plan(distribution, new PlanOptions { Architecture = architecture });
        PackageFile[] packages = deb is null ? [] : [await PackageFormats.ReadAsync(deb, PackageReadParts.Control, CancellationToken.None)];
        return await new RepositoryDeliverer(_keys, new S3Connection()).DeliverAsync(plan, packages, _sandbox.Root, null, CancellationToken.None);
    }
}
