using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Tests.Integration.Signing;

/// <summary>Keys that gpg made, good and bad: our policy must say what sqv and gpgv do.</summary>
public sealed class ForeignKeysTests(ForeignKeysTests.Fixture fixture) : IClassFixture<ForeignKeysTests.Fixture>
{
    public static TheoryData<string, string[]> Keys => new()
    {
        { "rsa3072", [] },
        { "rsa2048", [] },
        { "rsa1024", ["KeyTooSmall"] },
        { "dsa1024", ["KeyTooSmall", "SelfSignatureHashRefused"] },
        { "ed25519", [] },
        { "nistp256", [] },
        { "sha1", ["SelfSignatureHashRefused"] },
        { "expired", ["KeyExpired"] },
        { "revoked", ["KeyRevoked"] },
        { "subkey", [] },
        { "nobacksig", ["BackSignatureMissing"] },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Policy_and_sqv_agree(string name, string[] expected)
    {
        (string keyring, string signature) = fixture.Files(name);
        IReadOnlyList<SigningKeyFinding> findings = Judge(keyring, "apt-sqv", null);
        Assert.Equal(expected, findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Id));
        (bool accepted, string log) = await fixture.GnuPG.SqvAsync(keyring, signature, fixture.Data);
        Assert.True(accepted == (expected.Length == 0), $"sqv: {accepted}\n{log}");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Policy_and_gpgv_agree(string name, string[] _)
    {
        (string keyring, string signature) = fixture.Files(name);
        bool weAccept = Judge(keyring, "apt-gpgv", null).All(f => f.Severity != FindingSeverity.Error);
        (bool accepted, string log) = await fixture.GnuPG.GpgvAsync(keyring, signature, fixture.Data);
        Assert.True(accepted == weAccept, $"gpgv: {accepted}, we: {weAccept}\n{log}");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Our_verifier_and_gpgv_agree(string name, string[] _)
    {
        (string keyring, string signature) = fixture.Files(name);
        SignatureVerifier verifier = await SignatureVerifier.FromFilesAsync([keyring]);
        SignatureVerification verified = Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(File.ReadAllBytes(fixture.Data)), await File.ReadAllBytesAsync(signature)));
        (bool accepted, string log) = await fixture.GnuPG.GpgvAsync(keyring, signature, fixture.Data);
        Assert.True(accepted == (verified.Status == SignatureStatus.Good), $"gpgv: {accepted}, we: {verified}\n{log}");
    }

    [Theory]
    [InlineData("2022-12-01", true)]
    [InlineData("2023-12-01", false)]
    public async Task A_rule_begins_on_its_day_as_in_sqv(string day, bool accepted)
    {
        // This sqv knows its library's own dates, not those that apt configures, so the same rule is asked with that date.
        var sequoia = new PolicyClient
        {
            Id = "sequoia",
            Title = "Sequoia by itself",
            Distributions = [],
            Hashes = [new HashRule("SHA1") { From = new DateTimeOffset(2023, 2, 1, 0, 0, 0, TimeSpan.Zero) }],
        };
        DateTimeOffset date = DateTimeOffset.Parse(day + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        (string keyring, string signature) = fixture.Files("oldsha1");
        IReadOnlyList<SigningKeyFinding> findings = KeyPolicy.Examine(SigningKey.Read(await File.ReadAllBytesAsync(keyring))[0], [sequoia], date);
        Assert.Equal(accepted, findings.All(f => f.Severity != FindingSeverity.Error));
        Assert.Equal("2023-02-01", findings.Single().RefusedFrom!.Value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        (bool sqv, string log) = await fixture.GnuPG.SqvAsync(keyring, signature, fixture.Data, date);
        Assert.True(sqv == accepted, log);
    }

    [Fact]
    public void A_key_that_will_be_refused_says_from_when()
    {
        (string keyring, _) = fixture.Files("rsa2048");
        SigningKeyFinding today = Assert.Single(Judge(keyring, "apt-sqv", null));
        Assert.Equal((FindingSeverity.Information, "KeyTooSmall", "2030-02-01"), (today.Severity, today.Id, today.RefusedFrom!.Value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
        SigningKeyFinding near = Assert.Single(Judge(keyring, "apt-sqv", new DateTimeOffset(2029, 3, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(FindingSeverity.Warning, near.Severity);
    }

    [Fact]
    public async Task A_subkey_alone_signs_in_process_and_through_GnuPG()
    {
        (string keyring, _) = fixture.Files("subkey");
        SigningKey key = (await SigningKey.ReadFileAsync(keyring))[0];
        byte[] export = await fixture.GnuPG.BytesAsync("--export-secret-subkeys", key.Fingerprint);
        using var other = new GnuPGHome();
        await other.GpgAsync("--import", other.Write("subkeys.pgp", export));
        ISigner[] signers = [InProcessSigner.Open(export), await GnuPGSigner.OpenAsync(key.Fingerprint, other.Options), await GnuPGSigner.OpenAsync(key.Subkeys[0].Fingerprint + "!", other.Options)];
        foreach (ISigner signer in signers)
        {
            Assert.Equal(key.Fingerprint, signer.Fingerprint);
            Assert.Equal(key.Subkeys[0].Fingerprint, signer.SigningFingerprint);
            byte[] data = await File.ReadAllBytesAsync(fixture.Data);
            string signature = other.Write("signature", await signer.SignDetachedAsync(new MemoryStream(data), true, null, default));
            (bool accepted, string log) = await other.SqvAsync(keyring, signature, fixture.Data);
            Assert.True(accepted, log);
            string message = other.Write("message", await signer.SignCleartextAsync(data, null, default));
            await other.RunAsync("gpgv", ["--keyring", keyring, message]);
        }

        OmnibusException missing = await Assert.ThrowsAsync<OmnibusException>(() => GnuPGSigner.OpenAsync(key.Fingerprint + "!", other.Options));
        Assert.Equal("SigningKeySecretMissing", missing.Id);
    }

    [Fact]
    public async Task GnuPG_signs_with_the_time_that_is_asked_for()
    {
        GnuPGSigner signer = await GnuPGSigner.OpenAsync(fixture.Fingerprint("ed25519"), fixture.GnuPG.Options);
        DateTimeOffset time = signer.Key.Created.AddHours(1);
        byte[] signature = await signer.SignDetachedAsync(new MemoryStream([1, 2, 3]), false, time, default);
        SignatureVerification verified = Assert.Single(await new SignatureVerifier([signer.Key]).VerifyDetachedAsync(new MemoryStream([1, 2, 3]), signature));
        Assert.Equal((SignatureStatus.Good, time, "SHA512"), (verified.Status, verified.Created, verified.HashAlgorithm));
    }

    [Fact]
    public async Task GnuPG_never_asks_in_a_script_and_tells_a_wrong_passphrase()
    {
        using var home = new GnuPGHome();
        var store = new SigningKeyStore(Path.Combine(home.Folder, "keys"));
        var passphrase = new System.Security.SecureString();
        "secret word".ToList().ForEach(passphrase.AppendChar);
        SigningKey key = await store.NewAsync(new SigningKeyRequest("Locked", "locked@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519, Passphrase = passphrase, Created = DateTimeOffset.UtcNow.AddMinutes(-5) });
        await home.RunAsync("gpg", ["--batch", "--import", home.Write("locked.asc", await store.ExportSecretAsync(key, armor: true))]);
        async Task<string> Outcome(System.Security.SecureString? given)
        {
            GnuPGSigner signer = await GnuPGSigner.OpenAsync(key.Fingerprint, home.Options with { Passphrase = given });
            try
            {
                byte[] signature = await signer.SignDetachedAsync(new MemoryStream([7]), true, null, default);
                return (await new SignatureVerifier([key]).VerifyDetachedAsync(new MemoryStream([7]), signature))[0].Status.ToString();
            }
            catch (OmnibusException e)
            {
                return e.Id;
            }
        }

        var wrong = new System.Security.SecureString();
        wrong.AppendChar('x');
        Assert.Equal("SigningPassphraseRequired", await Outcome(null));
        Assert.Equal("SigningPassphraseWrong", await Outcome(wrong));
        Assert.Equal("Good", await Outcome(passphrase));
    }

    [Theory]
    [InlineData("rsa3072")]
    [InlineData("ed25519")]
    public async Task A_text_signature_holds_whatever_the_line_ends(string name)
    {
        (string keyring, _) = fixture.Files(name);
        string unix = fixture.GnuPG.Write("text-" + name, "one\ntwo\n\nthree\n"u8.ToArray());
        byte[] signature = await fixture.GnuPG.BytesAsync("--textmode", "--local-user", fixture.Fingerprint(name), "--output", "-", "--detach-sign", unix);
        SignatureVerifier verifier = await SignatureVerifier.FromFilesAsync([keyring]);
        foreach (string text in new[] { "one\ntwo\n\nthree\n", "one\r\ntwo\r\n\r\nthree\r\n" })
        {
            SignatureVerification verified = Assert.Single(await verifier.VerifyDetachedAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), signature));
            Assert.Equal(SignatureStatus.Good, verified.Status);
        }

        Assert.Equal(SignatureStatus.Bad, (await verifier.VerifyDetachedAsync(new MemoryStream("one\ntwo\nthree\n"u8.ToArray()), signature))[0].Status);
    }

    [Fact]
    public async Task Only_whole_fingerprints_name_a_key_of_GnuPG()
    {
        Assert.Equal("SigningKeyFingerprintInvalid", (await Assert.ThrowsAsync<OmnibusException>(() => GnuPGSigner.OpenAsync("ed25519", fixture.GnuPG.Options))).Id);
        Assert.Equal("SigningKeyNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => GnuPGSigner.OpenAsync(new string('0', 40), fixture.GnuPG.Options))).Id);
    }

    [Fact]
    public async Task A_secret_keyring_of_gpg_signs_in_process()
    {
        foreach (string name in new[] { "rsa3072", "ed25519", "nistp256", "dsa1024" })
        {
            ISigner signer = InProcessSigner.Open(await fixture.GnuPG.BytesAsync("--armor", "--export-secret-keys", fixture.Fingerprint(name)));
            string signature = fixture.GnuPG.Write("own-" + name, await signer.SignDetachedAsync(new MemoryStream(File.ReadAllBytes(fixture.Data)), true, null, default));
            (bool accepted, string log) = await fixture.GnuPG.GpgvAsync(fixture.Files(name).Keyring, signature, fixture.Data);
            Assert.True(accepted, $"{name}\n{log}");
        }
    }

    [Fact]
    public async Task A_broken_key_stops_publishing_and_a_good_one_beside_it_saves_it()
    {
        ISigner weak = await GnuPGSigner.OpenAsync(fixture.Fingerprint("sha1"), fixture.GnuPG.Options);
        ISigner good = await GnuPGSigner.OpenAsync(fixture.Fingerprint("ed25519"), fixture.GnuPG.Options);
        PolicyClient[] clients = [KeyPolicy.Client("apt-sqv"), KeyPolicy.Client("apt-gpgv")];
        OmnibusException refused = Assert.Throws<OmnibusException>(() => KeyPolicy.Require(weak, clients));
        Assert.Equal("SigningKeyRefused", refused.Id);
        Assert.Contains("SHA1", refused.Message, StringComparison.Ordinal);
        Assert.All(KeyPolicy.Require(new MultiSigner([weak, good]), clients), f => Assert.NotEqual(FindingSeverity.Error, f.Severity));
    }

    private static IReadOnlyList<SigningKeyFinding> Judge(string keyring, string client, DateTimeOffset? date) =>
        KeyPolicy.Examine(SigningKey.Read(File.ReadAllBytes(keyring), keyring)[0], [KeyPolicy.Client(client)], date);

    public sealed class Fixture : IAsyncLifetime
    {
        private readonly Dictionary<string, (string Fingerprint, string Keyring, string Signature)> _keys = new(StringComparer.Ordinal);

        public GnuPGHome GnuPG { get; } = new();

        public string Data { get; private set; } = string.Empty;

        public (string Keyring, string Signature) Files(string name) => (_keys[name].Keyring, _keys[name].Signature);

        public string Fingerprint(string name) => _keys[name].Fingerprint;

        public async Task InitializeAsync()
        {
            Data = GnuPG.Write("data", Encoding.UTF8.GetBytes("Origin: Example\n"));

            // Made yesterday, so that signatures may carry other times than now.
            string[] yesterday = ["--faked-system-time", DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)];
            await AddAsync("rsa3072", "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign", yesterday);
            await AddAsync("rsa2048", "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign", yesterday);
            await AddAsync("rsa1024", "Key-Type: RSA\nKey-Length: 1024\nKey-Usage: sign", yesterday);
            await AddAsync("dsa1024", "Key-Type: DSA\nKey-Length: 1024\nKey-Usage: sign", yesterday);
            await AddAsync("ed25519", "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign", yesterday);
            await AddAsync("nistp256", "Key-Type: ECDSA\nKey-Curve: nistp256\nKey-Usage: sign", yesterday);
            await AddAsync("sha1", "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign", [.. yesterday, "--cert-digest-algo", "SHA1"]);
            await AddAsync("oldsha1", "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign", ["--faked-system-time", "20210101T000000", "--cert-digest-algo", "SHA1"], signingTime: "20220101T000000");
            await AddAsync("revoked", "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign", yesterday, RevokeAsync);
            await AddAsync("expired", "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nExpire-Date: 2021-01-01", ["--faked-system-time", "20200101T000000"], ExtendAsync);
            await AddAsync("subkey", "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: cert\nSubkey-Type: RSA\nSubkey-Length: 3072\nSubkey-Usage: sign", yesterday);
            (string fingerprint, string keyring, string signature) = _keys["subkey"];
            _keys["nobacksig"] = (fingerprint, GnuPG.Write("nobacksig.pgp", WithoutBackSignature(await File.ReadAllBytesAsync(keyring))), signature);
        }

        public Task DisposeAsync()
        {
            GnuPG.Dispose();
            return Task.CompletedTask;
        }

        // gpg keeps the back-signature in the unhashed area, so that it can be cut off without breaking the binding.
        private static byte[] WithoutBackSignature(byte[] keyring)
        {
            var changed = new MemoryStream();
            foreach (OpenPgpPacket packet in OpenPgpPacket.Split(keyring, "keyring"))
            {
                byte[] body = packet.Body.ToArray();
                if (packet.Kind == PacketKind.Signature && body[1] == 0x18)
                {
                    int hashed = (body[4] << 8) | body[5];
                    int unhashed = (body[6 + hashed] << 8) | body[7 + hashed];
                    byte[] issuer = body[(8 + hashed)..(18 + hashed)];
                    Assert.Equal((9, 16), (issuer[0], issuer[1]));
                    body = [.. body[..(6 + hashed)], 0, 10, .. issuer, .. body[(8 + hashed + unhashed)..]];
                    changed.Write(OpenPgpPacket.Frame(PacketKind.Signature, body));
                }
                else
                {
                    changed.Write(packet.Whole.Span);
                }
            }

            return changed.ToArray();
        }

        private async Task AddAsync(string name, string parameters, string[] options, Func<string, string, Task>? afterSigning = null, string? signingTime = null)
        {
            string fingerprint = await GnuPG.NewKeyAsync(name, parameters, options);
            string keyring = Path.Combine(GnuPG.Folder, name + ".pgp");
            string signature = Path.Combine(GnuPG.Folder, name + ".sig");
            if (afterSigning == ExtendAsync)
            {
                // The verifiers keep the old copy, which has expired; the owner extends it and signs on.
                await GnuPG.GpgAsync("--output", keyring, "--export", fingerprint);
                await ExtendAsync(fingerprint, keyring);
            }

            string[] time = signingTime is null ? [] : ["--faked-system-time", signingTime];
            await GnuPG.GpgAsync([.. time, "--digest-algo", "SHA512", "--local-user", fingerprint, "--output", signature, "--detach-sign", Data]);
            if (afterSigning != ExtendAsync)
            {
                await (afterSigning?.Invoke(fingerprint, keyring) ?? Task.CompletedTask);
                await GnuPG.GpgAsync("--output", keyring, "--export", fingerprint);
            }

            _keys[name] = (fingerprint, keyring, signature);
        }

        private Task ExtendAsync(string fingerprint, string keyring) => GnuPG.GpgAsync("--quick-set-expire", fingerprint, "2040-01-01");

        private async Task RevokeAsync(string fingerprint, string keyring)
        {
            // gpg prepares a revocation with every key and puts a colon before it, so that nobody imports it by accident.
            string prepared = await File.ReadAllTextAsync(Path.Combine(GnuPG.Home, "openpgp-revocs.d", fingerprint + ".rev"));
            await GnuPG.GpgAsync("--import", GnuPG.Write("revocation", Encoding.ASCII.GetBytes(prepared.Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal))));
        }
    }
}
