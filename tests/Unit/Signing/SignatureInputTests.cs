using System.Text;
using FsCheck.Xunit;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Tests.Unit.Signing;

/// <summary>Signatures and messages as an attacker would send them.</summary>
public sealed class SignatureInputTests(SignatureInputTests.Fixture fixture) : IClassFixture<SignatureInputTests.Fixture>
{
    [Property(MaxTest = 300)]
    public bool A_changed_message_is_never_good_unless_it_says_the_same(ushort position, byte value)
    {
        byte[] changed = [.. fixture.Message];
        changed[position % changed.Length] = value;
        try
        {
            CleartextVerification verified = fixture.Verifier.VerifyCleartext(changed, "InRelease");
            return verified.Signatures.All(s => s.Status != SignatureStatus.Good) || verified.Text.Span.SequenceEqual(fixture.Text);
        }
        catch (OmnibusException)
        {
            return true;
        }
    }

    [Property(MaxTest = 300)]
    public bool A_signature_that_says_anything_else_of_itself_is_not_good(ushort position, byte value)
    {
        // From the version to the last hashed subpacket. Around it stand the frame and numbers that can be written in several ways.
        byte[] changed = [.. fixture.Signature];
        int at = 2 + (position % (fixture.UnhashedStart - 2));
        changed[at] = value;
        try
        {
            IReadOnlyList<SignatureVerification> outcomes = fixture.Verifier.VerifyDetachedAsync(new MemoryStream(fixture.Text), changed).GetAwaiter().GetResult();
            return outcomes.All(o => o.Status != SignatureStatus.Good) || value == fixture.Signature[at];
        }
        catch (OmnibusException)
        {
            return true;
        }
    }

    [Fact]
    public void A_message_that_is_cut_anywhere_is_refused()
    {
        for (int length = 0; length < fixture.Message.Length - 2; length++)
        {
            Assert.Throws<OmnibusException>(() => fixture.Verifier.VerifyCleartext(fixture.Message.AsMemory(0, length), "InRelease"));
        }
    }

    [Fact]
    public void A_second_message_behind_the_first_is_refused()
    {
        byte[] twice = [.. fixture.Message, .. fixture.Message];
        Assert.Equal("CleartextInvalid", Assert.Throws<OmnibusException>(() => fixture.Verifier.VerifyCleartext(twice, "InRelease")).Id);
    }

    [Fact]
    public async Task Thousands_of_signatures_are_not_all_computed()
    {
        byte[] many = Enumerable.Repeat(fixture.Signature, 2000).SelectMany(s => s).ToArray();
        Assert.Equal(64, (await fixture.Verifier.VerifyDetachedAsync(new MemoryStream(fixture.Text), many)).Count);
    }

    [Fact]
    public async Task A_keyring_file_that_is_too_large_is_refused_unread()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                file.SetLength(CertificateReader.LongestKeyring + 1L);
            }

            Assert.Equal("KeyringTooLarge", (await Assert.ThrowsAsync<OmnibusException>(() => SigningKey.ReadFileAsync(path))).Id);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal("SigningKeyFileNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => SigningKey.ReadFileAsync(path))).Id);
    }

    [Fact]
    public async Task What_is_no_signature_is_refused()
    {
        // A key holds signatures, but none over data.
        Assert.Equal(SignatureStatus.Unsupported, Assert.Single(await fixture.Verifier.VerifyDetachedAsync(new MemoryStream(), fixture.PublicKey)).Status);
        OmnibusException marker = await Assert.ThrowsAsync<OmnibusException>(() => fixture.Verifier.VerifyDetachedAsync(new MemoryStream(), new byte[] { 0xCA, 3, (byte)'P', (byte)'G', (byte)'P' }));
        Assert.Equal("SignatureMissing", marker.Id);
        OmnibusException text = await Assert.ThrowsAsync<OmnibusException>(() => fixture.Verifier.VerifyDetachedAsync(new MemoryStream(), "no signature"u8.ToArray()));
        Assert.Equal("ArmorInvalid", text.Id);
        OmnibusException nothing = await Assert.ThrowsAsync<OmnibusException>(() => fixture.Verifier.VerifyDetachedAsync(new MemoryStream(), ReadOnlyMemory<byte>.Empty));
        Assert.Equal("OpenPgpInvalid", nothing.Id);
    }

    [Fact]
    public void A_demand_for_a_good_signature_tells_what_was_found()
    {
        CleartextVerification verified = new SignatureVerifier([]).VerifyCleartext(fixture.Message, "InRelease");
        OmnibusException e = Assert.Throws<OmnibusException>(() => SignatureVerifier.Require(verified.Signatures, "InRelease"));
        Assert.Equal("SignatureInvalid", e.Id);
        Assert.Contains("which is in no keyring", e.Message, StringComparison.Ordinal);
    }

    public sealed class Fixture : IDisposable
    {
        private readonly TemporaryKeyStore _temporary = new();

        public Fixture()
        {
            SigningKey key = _temporary.NewAsync("Example").GetAwaiter().GetResult();
            PublicKey = key.PublicKey.ToArray();
            ISigner signer = _temporary.Store.OpenSignerAsync(key.Fingerprint).GetAwaiter().GetResult();
            Message = signer.SignCleartextAsync(Text, null, default).GetAwaiter().GetResult();
            Signature = signer.SignDetachedAsync(new MemoryStream(Text), false, null, default).GetAwaiter().GetResult();
            Verifier = new SignatureVerifier([key]);

            // Packet header, version, type, two algorithms, length, hashed subpackets.
            UnhashedStart = 2 + 4 + 2 + ((Signature[6] << 8) | Signature[7]);
        }

        public byte[] Text { get; } = Encoding.UTF8.GetBytes("Origin: Example\nSuite: stable\nDate: today\n");

        public byte[] Message { get; }

        public byte[] Signature { get; }

        public byte[] PublicKey { get; }

        public int UnhashedStart { get; }

        public SignatureVerifier Verifier { get; }

        public void Dispose() => _temporary.Dispose();
    }
}
