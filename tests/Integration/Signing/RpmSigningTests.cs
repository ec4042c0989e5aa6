using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Processes;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Rpm;

namespace Omnibus.Tests.Integration.Signing;

/// <summary>Our signatures on packages, judged by rpm with the keys that were imported into a database of its own.</summary>
public sealed class RpmSigningTests(OwnKeysTests.Fixture fixture) : IClassFixture<OwnKeysTests.Fixture>, IDisposable
{
    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rsa", "RSA/SHA512", true)]
    [InlineData("rsa", "RSA/SHA512", false)]
    [InlineData("ed25519", "EdDSA/SHA512", true)]
    [InlineData("ed25519", "EdDSA/SHA512", false)]
    public async Task Rpm_verifies_packages_that_we_signed(string name, string kind, bool addOpenPgp)
    {
        (SigningKey key, ISigner signer) = fixture.Signer(name);
        PackageFile package = await _folder.WriteAsync(RpmSamples.Rich());
        await RpmPackageSigning.SignAsync(package.Path, signer, new RpmSigningOptions { AddOpenPgp = addOpenPgp });

        string noKey = (await CheckAsync(package.Path)).Output;
        Assert.Contains("NOKEY", noKey, StringComparison.Ordinal);
        await ImportAsync(key);
        (int exitCode, string output) = await CheckAsync(package.Path);
        Assert.True(exitCode == 0, output);
        Assert.Contains($"Header V4 {kind} Signature, key ID {key.KeyId[8..].ToLowerInvariant()}: OK", output, StringComparison.Ordinal);
        Assert.DoesNotContain("BAD", output, StringComparison.Ordinal);
        Assert.Contains("digests signatures OK", (await RunAsync("rpm", "-K", package.Path)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("rpmkeys", "--define", "_pkgverify_level all", "--checksig", package.Path)).ExitCode);

        var verifier = new SignatureVerifier([key]);
        SignatureVerification verified = Assert.Single(await RpmPackageSigning.VerifyAsync(package.Path, verifier));
        Assert.Equal((SignatureStatus.Good, key.Fingerprint), (verified.Status, verified.Fingerprint));
        Assert.Empty(await RpmPackageSigning.CheckAsync(package.Path, verifier, requireSignature: true));
    }

    [Fact]
    public async Task A_package_with_signatures_of_two_keys_is_verified_by_either()
    {
        PackageFile package = await _folder.WriteAsync(RpmSamples.Small());
        var both = new MultiSigner([fixture.Signer("rsa").Signer, fixture.Signer("ed25519").Signer]);
        await RpmPackageSigning.SignAsync(package.Path, both);
        await ImportAsync(fixture.Signer("rsa").Key);
        (int exitCode, string output) = await CheckAsync(package.Path);
        Assert.True(exitCode == 0, output);
        foreach (string name in new[] { "rsa", "ed25519" })
        {
            var verifier = new SignatureVerifier([fixture.Signer(name).Key]);
            Assert.Equal(2, (await RpmPackageSigning.VerifyAsync(package.Path, verifier)).Count);
            Assert.DoesNotContain(await RpmPackageSigning.CheckAsync(package.Path, verifier, requireSignature: true), f => f.Severity == FindingSeverity.Error);
        }
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ed25519")]
    public async Task The_signature_for_rpm_6_stands_beside_the_one_for_rpm_4_and_gpgv_finds_it_good(string name)
    {
        (SigningKey key, ISigner signer) = fixture.Signer(name);
        PackageFile file = await _folder.WriteAsync(RpmSamples.Small());
        await RpmPackageSigning.SignAsync(file.Path, signer);
        RpmPackage package = RpmPackageReader.Read(file.Path, digest: true, CancellationToken.None);

        // rpm's format_v6.md: OPENPGP is an array of base64 texts, each a signature of the main header. Both eras' places are filled.
        string text = Assert.Single(package.Signature.GetStringArray(RpmSignatureTag.OpenPgp));
        Assert.Equal(package.Signature.GetBinary(name == "rsa" ? RpmSignatureTag.Rsa : RpmSignatureTag.Dsa).ToArray(), Convert.FromBase64String(text));
        await File.WriteAllBytesAsync(_folder.At("header"), package.Header.Bytes.ToArray());
        await File.WriteAllBytesAsync(_folder.At("header.sig"), Convert.FromBase64String(text));
        await File.WriteAllBytesAsync(_folder.At("key.gpg"), key.PublicKey.ToArray());
        await RpmFolder.RunAsync("gpgv", "--keyring", _folder.At("key.gpg"), _folder.At("header.sig"), _folder.At("header"));
        await RpmFolder.RunAsync("sqv", "--keyring", _folder.At("key.gpg"), _folder.At("header.sig"), _folder.At("header"));
    }

    [Fact]
    public async Task Signing_again_replaces_the_signature_and_gives_the_same_bytes_for_the_same_time()
    {
        (SigningKey key, ISigner signer) = fixture.Signer("rsa");
        PackageFile package = await _folder.WriteAsync(RpmSamples.Small());
        long size = new FileInfo(package.Path).Length;
        var options = new RpmSigningOptions { Time = key.Created.AddMinutes(1) };
        await RpmPackageSigning.SignAsync(package.Path, fixture.Signer("ed25519").Signer, options);
        await RpmPackageSigning.SignAsync(package.Path, signer, options);
        byte[] first = await File.ReadAllBytesAsync(package.Path);
        await RpmPackageSigning.SignAsync(package.Path, signer, options);
        Assert.Equal(first, await File.ReadAllBytesAsync(package.Path));
        Assert.Equal(size, first.Length);
        SignatureVerification only = Assert.Single(await RpmPackageSigning.VerifyAsync(package.Path, new SignatureVerifier([key])));
        Assert.Equal(options.Time, only.Created);
    }

    [Fact]
    public async Task A_changed_payload_a_changed_header_and_a_missing_signature_are_found()
    {
        (SigningKey key, ISigner signer) = fixture.Signer("ed25519");
        var verifier = new SignatureVerifier([key]);
        PackageFile package = await _folder.WriteAsync(RpmSamples.Small("1.0", RpmSamples.File("/usr/share/small", new string('x', 2000))));
        Finding unsigned = Assert.Single(await RpmPackageSigning.CheckAsync(package.Path, verifier, requireSignature: true));
        Assert.Equal(("RpmSignatureMissing", FindingSeverity.Error), (unsigned.Id, unsigned.Severity));
        await RpmPackageSigning.SignAsync(package.Path, signer);
        byte[] bytes = await File.ReadAllBytesAsync(package.Path);
        byte[] payload = [.. bytes];
        payload[^20] ^= 1;
        await File.WriteAllBytesAsync(package.Path, payload);
        Assert.Contains(await RpmPackageSigning.CheckAsync(package.Path, verifier, requireSignature: true), f => f.Id == "RpmPayloadDigestWrong");
        int summary = bytes.AsSpan().LastIndexOf("A small package"u8);
        byte[] header = [.. bytes];
        header[summary] = (byte)'B';
        await File.WriteAllBytesAsync(package.Path, header);
        Assert.Contains(await RpmPackageSigning.CheckAsync(package.Path, verifier, requireSignature: true), f => f.Id == "RpmSignatureBad" && f.Severity == FindingSeverity.Error);
        Assert.NotEqual(0, (await CheckAsync(package.Path)).ExitCode);
    }

    [Fact]
    public async Task A_package_that_rpmsign_signed_is_verified_by_us()
    {
        GnuPGHome gpg = fixture.GnuPG;
        (SigningKey key, _) = fixture.Signer("rsa");
        PackageFile package = await _folder.WriteAsync(RpmSamples.Small());
        await gpg.RunAsync("rpmsign", ["--define", $"_gpg_name {key.Fingerprint}", "--define", $"_gpg_path {gpg.Home}", "--define", $"__gpg {ProgramRunner.Require("gpg")}", "--addsign", package.Path]);
        Assert.NotEmpty(await RpmPackageSigning.VerifyAsync(package.Path, new SignatureVerifier([key])));
        Assert.All(await RpmPackageSigning.VerifyAsync(package.Path, new SignatureVerifier([key])), v => Assert.Equal(SignatureStatus.Good, v.Status));
    }

    [Fact]
    public async Task A_key_whose_expiry_is_critical_is_refused_by_rpm_and_by_our_policy_for_it()
    {
        // Sequoia marks the expiry of its keys as critical.
        string secret = _folder.At("sq.pgp");
        await RpmFolder.RunAsync("sq", "key", "generate", "--userid", "Sequoia <sq@example.com>", "--cannot-encrypt", "--export", secret);
        byte[] certificate = SigningKey.Read(await File.ReadAllBytesAsync(secret))[0].PublicKey.ToArray();
        SigningKey key = SigningKey.Read(certificate)[0];
        Assert.NotEqual(0, (await TryImportAsync(key)).ExitCode);
        Assert.Contains(KeyPolicy.Examine(key, [KeyPolicy.Client("rpm-el9")]), f => f.Id == "CriticalSubpacketRefused" && f.Severity == FindingSeverity.Error);
        Assert.DoesNotContain(KeyPolicy.Examine(key, [KeyPolicy.Client("rpm-el10")]), f => f.Severity == FindingSeverity.Error);
        Assert.Equal(0, (await TryImportAsync(fixture.Signer("ed25519").Key)).ExitCode);
    }

    private async Task ImportAsync(SigningKey key)
    {
        (int exitCode, string output) = await TryImportAsync(key);
        Assert.True(exitCode == 0, output);
    }

    private async Task<(int ExitCode, string Output)> TryImportAsync(SigningKey key)
    {
        string file = _folder.At(key.KeyId + ".asc");
        await File.WriteAllBytesAsync(file, SigningKeyStore.ExportPublic([key], armor: true));
        return await RunAsync("rpm", "--import", file);
    }

    private Task<(int ExitCode, string Output)> CheckAsync(string package) => RunAsync("rpm", "-Kv", package);

    private async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand(program, ["--dbpath", _folder.At("rpmdb"), .. arguments]) { Timeout = TimeSpan.FromMinutes(2) });
        return (result.ExitCode, result.StandardOutput + result.StandardError);
    }
}
