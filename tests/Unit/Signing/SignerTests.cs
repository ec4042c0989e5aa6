using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Signing;

public class SignerTests
{
    private static readonly byte[] s_data = Encoding.UTF8.GetBytes("Origin: Example\nSuite: stable\n");

    [Theory]
    [InlineData(SigningKeyAlgorithm.Ed25519, true)]
    [InlineData(SigningKeyAlgorithm.Ed25519, false)]
    [InlineData(SigningKeyAlgorithm.Rsa3072, true)]
    public async Task A_detached_signature_holds_until_the_data_changes(SigningKeyAlgorithm algorithm, bool armor)
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example", algorithm);
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        byte[] signature = await signer.SignDetachedAsync(new MemoryStream(s_data), armor, null, default);
        var verifier = new SignatureVerifier([key]);
        SignatureVerification good = Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(s_data), signature));
        Assert.Equal(SignatureStatus.Good, good.Status);
        Assert.Equal("SHA512", good.HashAlgorithm);
        Assert.Equal(key.Fingerprint, good.SigningFingerprint);
        Assert.Equal("Example <packages@example.com>", good.Signer);
        byte[] changed = [.. s_data];
        changed[3] ^= 1;
        Assert.Equal(SignatureStatus.Bad, Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(changed), signature)).Status);
        Assert.Equal(SignatureStatus.KeyMissing, Assert.Single(await new SignatureVerifier([]).VerifyDetachedAsync(new MemoryStream(s_data), signature)).Status);
    }

    [Fact]
    public async Task Many_signatures_can_be_made_at_once()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        DateTimeOffset time = key.Created.AddSeconds(5);
        byte[][] signatures = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => signer.SignDetachedAsync(new MemoryStream(s_data), false, time, default))));
        Assert.All(signatures, s => Assert.Equal(signatures[0], s));
    }

    [Fact]
    public async Task A_cleartext_message_is_framed_as_gpg_does()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        byte[] text = Encoding.UTF8.GetBytes("plain\n- dashed\n--x\nspaces  \t\nFrom me\n\nno end");
        byte[] message = await signer.SignCleartextAsync(text, null, default);
        Assert.StartsWith("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nplain\n- - dashed\n- --x\nspaces  \t\n- From me\n\nno end\n-----BEGIN PGP SIGNATURE-----\n\n", Encoding.UTF8.GetString(message), StringComparison.Ordinal);
        CleartextVerification verified = new SignatureVerifier([key]).VerifyCleartext(message, "InRelease");
        Assert.Equal(SignatureStatus.Good, Assert.Single(verified.Signatures).Status);
        Assert.Equal("plain\n- dashed\n--x\nspaces\nFrom me\n\nno end\n", Encoding.UTF8.GetString(verified.Text.Span));
    }

    [Theory]
    [InlineData("Suite: stable", "Suite: stablE")]
    [InlineData("Suite: stable", "Suite: stable\nExtra: 1")]
    public async Task A_changed_cleartext_message_is_bad(string from, string to)
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        string message = Encoding.UTF8.GetString(await signer.SignCleartextAsync(s_data, null, default)).Replace(from, to, StringComparison.Ordinal);
        Assert.Equal(SignatureStatus.Bad, Assert.Single(new SignatureVerifier([key]).VerifyCleartext(Encoding.UTF8.GetBytes(message), "InRelease").Signatures).Status);
    }

    [Theory]
    [InlineData("unsigned\n", "")]
    [InlineData("", "unsigned\n")]
    public async Task Text_outside_the_signed_part_is_refused(string before, string after)
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        byte[] message = [.. Encoding.UTF8.GetBytes(before), .. await signer.SignCleartextAsync(s_data, null, default), .. Encoding.UTF8.GetBytes(after)];
        Assert.Equal("CleartextInvalid", Assert.Throws<OmnibusException>(() => new SignatureVerifier([key]).VerifyCleartext(message, "InRelease")).Id);
    }

    [Fact]
    public async Task Several_keys_sign_one_file()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey old = await temporary.NewAsync("Old");
        SigningKey fresh = await temporary.NewAsync("New");
        ISigner both = await new SignerSource(temporary.Store).OpenAsync(["Old", "New"]);
        byte[] message = await both.SignCleartextAsync(s_data, null, default);
        byte[] detached = await both.SignDetachedAsync(new MemoryStream(s_data), true, null, default);
        foreach (SigningKey known in new[] { old, fresh })
        {
            var verifier = new SignatureVerifier([known]);
            CleartextVerification inline = verifier.VerifyCleartext(message, "InRelease");
            Assert.Equal(2, inline.Signatures.Count);
            Assert.Equal(known.Fingerprint, SignatureVerifier.Require(inline.Signatures, "InRelease").Fingerprint);
            Assert.Equal(known.Fingerprint, SignatureVerifier.Require(await verifier.VerifyDetachedAsync(new MemoryStream(s_data), detached), "Release").Fingerprint);
        }

        Assert.Equal([old.Fingerprint, fresh.Fingerprint], SigningKey.Read(both.PublicKey).Select(k => k.Fingerprint));
        OmnibusException twice = await Assert.ThrowsAsync<OmnibusException>(() => new SignerSource(temporary.Store).OpenAsync(["Old", "Old"]));
        Assert.Equal("SigningKeyTwice", twice.Id);
    }

    [Fact]
    public async Task A_key_signs_neither_after_its_expiry_nor_before_its_birth()
    {
        using var temporary = new TemporaryKeyStore();
        DateTimeOffset birth = DateTimeOffset.UtcNow.AddDays(-30);
        SigningKey key = await temporary.NewAsync("Example", created: birth, lifetime: TimeSpan.FromDays(10));
        ISigner signer = await temporary.Store.OpenSignerAsync(key.Fingerprint);
        Assert.Equal("SigningKeyExpired", (await Assert.ThrowsAsync<OmnibusException>(() => signer.SignCleartextAsync(s_data, null, default))).Id);
        Assert.Equal("SigningKeyNotYetValid", (await Assert.ThrowsAsync<OmnibusException>(() => signer.SignCleartextAsync(s_data, birth.AddDays(-1), default))).Id);
        byte[] signature = await signer.SignDetachedAsync(new MemoryStream(s_data), false, birth.AddDays(5), default);
        var verifier = new SignatureVerifier([key]);
        Assert.Equal(SignatureStatus.Good, Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(s_data), signature, birth.AddDays(6))).Status);
        Assert.Equal(SignatureStatus.KeyExpired, Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(s_data), signature)).Status);
        Assert.Equal(SignatureStatus.TimeWrong, Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(s_data), signature, birth.AddDays(4))).Status);
    }
}
