using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Signing;

public class SigningKeyStoreTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task A_new_key_is_RSA_with_4096_bits_and_lives_two_years()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.Store.NewAsync(new SigningKeyRequest("Example Packaging", "packages@example.com"));
        Assert.Equal("RSA", key.Algorithm);
        Assert.Equal(4096, key.Size);
        Assert.Equal("Example Packaging", key.Name);
        Assert.Equal("packages@example.com", key.Email);
        Assert.Equal(40, key.Fingerprint.Length);
        Assert.EndsWith(key.KeyId, key.Fingerprint, StringComparison.Ordinal);
        Assert.Equal(key.Created.AddDays(730), key.Expires);
        Assert.True(key.HasSecret);
        Assert.True(key.CanSign);
        Assert.False(key.Protected);
        Assert.Equal(["Example Packaging <packages@example.com>"], key.UserIds);
    }

    [Fact]
    public async Task Secrets_are_readable_by_their_owner_alone()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(temporary.Store.Path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(temporary.Store.Path, key.Fingerprint + ".sec.pgp")));
        Assert.Equal(2, Directory.GetFiles(temporary.Store.Path).Length);
    }

    [Theory]
    [InlineData("Example *")]
    [InlineData("*@EXAMPLE.com")]
    [InlineData("example one")]
    public async Task Keys_are_found_by_wildcards_over_name_and_address(string pattern)
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example One");
        Assert.Equal(key.Fingerprint, Assert.Single(await temporary.Store.ListAsync(pattern)).Fingerprint);
        Assert.Empty(await temporary.Store.ListAsync("Other*"));
    }

    [Fact]
    public async Task A_fingerprint_may_be_pasted_in_groups_and_in_lower_case()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        string grouped = string.Join(' ', key.Fingerprint.ToLowerInvariant().Chunk(4).Select(c => new string(c)));
        Assert.Equal(key.Fingerprint, (await temporary.Store.GetAsync(grouped)).Fingerprint);
        Assert.Equal(key.Fingerprint, (await temporary.Store.GetAsync("0x" + key.KeyId)).Fingerprint);
    }

    [Fact]
    public async Task A_name_that_two_keys_share_is_refused()
    {
        using var temporary = new TemporaryKeyStore();
        await temporary.NewAsync("Example");
        var again = new SigningKeyRequest("Example", "packages@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 };
        Assert.Equal("SigningKeyExists", (await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.NewAsync(again))).Id);
        await temporary.Store.NewAsync(again with { AllowSameName = true });
        Assert.Equal("SigningKeyAmbiguous", (await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.GetAsync("Example"))).Id);
        Assert.Equal("SigningKeyNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.GetAsync("Nobody"))).Id);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task An_exported_key_comes_back_by_import(bool armor, bool secret)
    {
        using var temporary = new TemporaryKeyStore();
        using var other = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        byte[] export = secret ? await temporary.Store.ExportSecretAsync(key, armor) : SigningKeyStore.ExportPublic([key], armor);
        Assert.Equal(armor, Encoding.ASCII.GetString(export).StartsWith(secret ? "-----BEGIN PGP PRIVATE KEY BLOCK-----\n" : "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", StringComparison.Ordinal));
        SigningKey back = Assert.Single(await other.Store.ImportAsync(export));
        Assert.Equal(key.Fingerprint, back.Fingerprint);
        Assert.Equal(secret, back.HasSecret);
        Assert.Equal(key.PublicKey.ToArray(), back.PublicKey.ToArray());
    }

    [Fact]
    public async Task A_keyring_of_several_keys_is_imported_whole()
    {
        using var temporary = new TemporaryKeyStore();
        using var other = new TemporaryKeyStore();
        SigningKey[] keys = [await temporary.NewAsync("One"), await temporary.NewAsync("Two")];
        Assert.Equal(2, (await other.Store.ImportAsync(SigningKeyStore.ExportPublic(keys, armor: true))).Count);
        byte[] twoBlocks = keys.SelectMany(k => SigningKeyStore.ExportPublic([k], armor: true)).ToArray();
        Assert.Equal(2, SigningKey.Read(twoBlocks).Count);
    }

    [Fact]
    public async Task A_public_key_without_its_secret_cannot_sign_and_says_so()
    {
        using var temporary = new TemporaryKeyStore();
        using var other = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        await other.Store.ImportAsync(key.PublicKey);
        Assert.Equal("SigningKeySecretMissing", (await Assert.ThrowsAsync<OmnibusException>(() => other.Store.OpenSignerAsync("Example"))).Id);
        Assert.Equal("SigningKeySecretMissing", (await Assert.ThrowsAsync<OmnibusException>(() => other.Store.ExportSecretAsync(key, armor: true))).Id);
    }

    [Fact]
    public async Task A_protected_secret_opens_with_its_passphrase_only()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example", passphrase: "corrëct horse");
        Assert.True(key.Protected);
        Assert.NotNull(await temporary.Store.OpenSignerAsync(key.Fingerprint, TemporaryKeyStore.Secret("corrëct horse")));
        Assert.Equal("SigningPassphraseWrong", (await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.OpenSignerAsync(key.Fingerprint, TemporaryKeyStore.Secret("wrong")))).Id);
        Assert.Equal("SigningPassphraseRequired", (await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.OpenSignerAsync(key.Fingerprint))).Id);
    }

    [Fact]
    public async Task A_removed_key_leaves_no_file()
    {
        using var temporary = new TemporaryKeyStore();
        temporary.Store.Remove(await temporary.NewAsync("Example"));
        Assert.Empty(Directory.GetFiles(temporary.Store.Path));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("Evil\nName", null)]
    [InlineData("Name", "no address")]
    [InlineData("Name <x>", null)]
    public async Task A_name_that_would_break_a_user_id_is_refused(string name, string? email)
    {
        using var temporary = new TemporaryKeyStore();
        OmnibusException e = await Assert.ThrowsAsync<OmnibusException>(() => temporary.Store.NewAsync(new SigningKeyRequest(name, email)));
        Assert.Equal("SigningKeyRequestInvalid", e.Id);
    }
}
