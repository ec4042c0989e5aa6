using System.Security;
using System.Text;
using Omnibus.Core.Processes;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Integration.Signing;

/// <summary>Our keys and signatures in the hands of gpg, gpgv, sqv and sq.</summary>
public sealed class OwnKeysTests(OwnKeysTests.Fixture fixture) : IClassFixture<OwnKeysTests.Fixture>
{
    // The space at a line end, the dash, the missing last line end and the umlaut are what signers get wrong.
    private static readonly byte[] s_text = Encoding.UTF8.GetBytes("Origin: Exämple\nSuite: stable \t\n- dash\n--- more\nFrom here\n\nEnd");

    public static TheoryData<string> Keys => ["rsa", "ed25519"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Gpg_gpgv_and_sqv_verify_our_detached_signatures(string name)
    {
        (SigningKey key, ISigner signer) = fixture.Signer(name);
        GnuPGHome gpg = fixture.GnuPG;
        string data = gpg.Write(name + ".data", s_text);
        string keyring = gpg.Write(name + ".pgp", key.PublicKey.ToArray());
        foreach (bool armor in new[] { true, false })
        {
            string signature = gpg.Write($"{name}.{armor}.sig", await signer.SignDetachedAsync(new MemoryStream(s_text), armor, null, default));
            string log = await gpg.RunAsync("gpg", ["--batch", "--status-fd", "1", "--verify", signature, data]);
            Assert.Contains($"VALIDSIG {key.Fingerprint}", log, StringComparison.Ordinal);
            Assert.True((await gpg.GpgvAsync(keyring, signature, data)).Accepted);
            (bool accepted, string sqvLog) = await gpg.SqvAsync(keyring, signature, data);
            Assert.True(accepted, sqvLog);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Gpg_gpgv_and_sq_verify_our_cleartext_messages_and_give_the_text_back(string name)
    {
        (SigningKey key, ISigner signer) = fixture.Signer(name);
        GnuPGHome gpg = fixture.GnuPG;
        string keyring = gpg.Write(name + ".pgp", key.PublicKey.ToArray());
        string message = gpg.Write(name + ".InRelease", await signer.SignCleartextAsync(s_text, null, default));
        Assert.Contains($"VALIDSIG {key.Fingerprint}", await gpg.RunAsync("gpg", ["--batch", "--status-fd", "1", "--verify", message]), StringComparison.Ordinal);
        string output = Path.Combine(gpg.Folder, name + ".text");
        File.Delete(output);
        await gpg.RunAsync("gpgv", ["--keyring", keyring, "--output", output, message]);
        byte[] text = await File.ReadAllBytesAsync(output);
        Assert.Equal(Encoding.UTF8.GetString(s_text).Replace(" \t\n", "\n", StringComparison.Ordinal) + "\n", Encoding.UTF8.GetString(text));
        Assert.Equal(text, new SignatureVerifier([key]).VerifyCleartext(await File.ReadAllBytesAsync(message), message).Text.ToArray());
        await gpg.RunAsync("sq", ["verify", "--signer-cert", keyring, message]);
    }

    [Fact]
    public async Task Our_cleartext_frame_is_the_frame_that_gpg_makes()
    {
        (SigningKey key, ISigner signer) = fixture.Signer("ed25519");
        string text = fixture.GnuPG.Write("frame.txt", s_text);
        byte[] theirs = await fixture.GnuPG.BytesAsync("--digest-algo", "SHA512", "--local-user", key.Fingerprint, "--output", "-", "--clear-sign", text);
        byte[] ours = await signer.SignCleartextAsync(s_text, null, default);
        static string Frame(byte[] message) => Encoding.UTF8.GetString(message).Split("-----BEGIN PGP SIGNATURE-----")[0];
        Assert.Equal(Frame(theirs), Frame(ours));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Sequoia_finds_nothing_to_complain_about_in_our_keys(string name)
    {
        string keyring = fixture.GnuPG.Write(name + ".pgp", fixture.Signer(name).Key.PublicKey.ToArray());
        string inspected = await fixture.GnuPG.RunAsync("sq", ["inspect", keyring]);
        Assert.Contains("signing", inspected, StringComparison.Ordinal);
        Assert.DoesNotContain("nvalid", inspected, StringComparison.Ordinal);
        string lint = await fixture.GnuPG.RunAsync("sq-keyring-linter", [keyring]);
        Assert.DoesNotContain("BAD", lint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gpg_signs_with_our_secret_key_and_asks_for_its_passphrase()
    {
        GnuPGHome gpg = fixture.GnuPG;
        SigningKey locked = fixture.Signer("protected").Key;
        string data = gpg.Write("protected.data", s_text);
        foreach ((string passphrase, bool right) in new[] { ("wrong", false), (Fixture.PassphraseText, true) })
        {
            ProgramResult result = await gpg.TryAsync("gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", passphrase, "--local-user", locked.Fingerprint, "--output", data + right, "--detach-sign", data]);
            Assert.True(right == (result.ExitCode == 0), result.StandardError);
        }

        var verifier = new SignatureVerifier([locked]);
        SignatureVerification verified = Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(s_text), await File.ReadAllBytesAsync(data + true)));
        Assert.Equal(SignatureStatus.Good, verified.Status);
    }

    [Fact]
    public async Task Two_keys_on_one_file_are_accepted_by_whoever_knows_either()
    {
        GnuPGHome gpg = fixture.GnuPG;
        var both = new MultiSigner([fixture.Signer("rsa").Signer, fixture.Signer("ed25519").Signer]);
        string data = gpg.Write("both.data", s_text);
        string signature = gpg.Write("both.sig", await both.SignDetachedAsync(new MemoryStream(s_text), true, null, default));
        string message = gpg.Write("both.InRelease", await both.SignCleartextAsync(s_text, null, default));
        foreach (string name in Keys)
        {
            string keyring = gpg.Write(name + ".pgp", fixture.Signer(name).Key.PublicKey.ToArray());
            (bool accepted, string log) = await gpg.SqvAsync(keyring, signature, data);
            Assert.True(accepted, log);
            Assert.Contains("GOODSIG " + fixture.Signer(name).Key.KeyId, (await gpg.GpgvAsync(keyring, signature, data)).Log, StringComparison.Ordinal);
            ProgramResult inline = await gpg.TryAsync("gpgv", ["--status-fd", "1", "--keyring", keyring, message]);
            Assert.Contains("GOODSIG " + fixture.Signer(name).Key.KeyId, inline.StandardOutput, StringComparison.Ordinal);
        }

        string all = gpg.Write("all.pgp", both.PublicKey.ToArray());
        Assert.True((await gpg.GpgvAsync(all, signature, data)).Accepted);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public const string PassphraseText = "corrëct horse";

        private readonly Dictionary<string, (SigningKey, ISigner)> _signers = new(StringComparer.Ordinal);

        public GnuPGHome GnuPG { get; } = new();

        public (SigningKey Key, ISigner Signer) Signer(string name) => _signers[name];

        public async Task InitializeAsync()
        {
            var store = new SigningKeyStore(Path.Combine(GnuPG.Folder, "keys"));
            using SecureString passphrase = new();
            foreach (char c in PassphraseText)
            {
                passphrase.AppendChar(c);
            }

            foreach ((string name, SigningKeyAlgorithm algorithm) in new[] { ("rsa", SigningKeyAlgorithm.Rsa4096), ("ed25519", SigningKeyAlgorithm.Ed25519), ("protected", SigningKeyAlgorithm.Ed25519) })
            {
                SecureString? secret = name == "protected" ? passphrase : null;

                // A little in the past: gpg counts seconds as we do, but the machine's clocks need not agree to the last one.
                SigningKey key = await store.NewAsync(new SigningKeyRequest(name, name + "@example.com") { Algorithm = algorithm, Passphrase = secret, Created = DateTimeOffset.UtcNow.AddMinutes(-5) });
                _signers[name] = (key, await store.OpenSignerAsync(key.Fingerprint, secret));
                await GnuPG.GpgAsync("--import", GnuPG.Write(name + ".pub.asc", SigningKeyStore.ExportPublic([key], armor: true)));
                string log = await GnuPG.GpgAsync("--import", GnuPG.Write(name + ".sec.asc", await store.ExportSecretAsync(key, armor: true)));
                Assert.Contains("secret keys imported: 1", log, StringComparison.Ordinal);
            }
        }

        public Task DisposeAsync()
        {
            GnuPG.Dispose();
            return Task.CompletedTask;
        }
    }
}
