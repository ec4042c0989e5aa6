using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Signing;

public class KeyPolicyTests
{
    [Theory]
    [InlineData("debian-11", "apt-gpgv")]
    [InlineData("debian-12", "apt-gpgv")]
    [InlineData("debian-13", "apt-sqv")]
    [InlineData("debian-15", "apt-sqv")]
    [InlineData("ubuntu-24.04", "apt-gpgv")]
    [InlineData("ubuntu-25.10", "apt-sqv")]
    [InlineData("centos-7", "rpm-el7")]
    [InlineData("rhel-8", "rpm-el8")]
    [InlineData("centos-stream-9", "rpm-el9")]
    [InlineData("alma-9", "rpm-el9")]
    [InlineData("amazon-2023", "rpm-el9")]
    [InlineData("rocky-10", "rpm-el10")]
    [InlineData("fedora-42", "rpm-el10")]
    [InlineData("fedora-43", "rpm-6")]
    public void Each_distribution_has_its_client(string distribution, string client) =>
        Assert.Equal(client, Assert.Single(KeyPolicy.ClientsFor([distribution])).Id);

    [Fact]
    public void Unknown_distributions_have_none_and_unknown_clients_are_refused()
    {
        Assert.Empty(KeyPolicy.ClientsFor(["plan9-4", "debian", "debian-", "-12"]));
        Assert.Equal("PolicyClientUnknown", Assert.Throws<OmnibusException>(() => KeyPolicy.Client("apt-get")).Id);
    }

    [Fact]
    public async Task A_new_key_of_the_default_kind_pleases_every_client_for_its_life()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example", SigningKeyAlgorithm.Rsa3072);
        IReadOnlyList<SigningKeyFinding> findings = KeyPolicy.Examine(key);
        Assert.All(findings, f => Assert.Equal(("KeyExpired", FindingSeverity.Information), (f.Id, f.Severity)));
        Assert.Equal(KeyPolicy.Clients.Count, findings.Count);
    }

    [Fact]
    public async Task Ed25519_is_refused_where_rpm_is_too_old_for_it()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example");
        string[] refusing = KeyPolicy.Examine(key).Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Client).ToArray();
        Assert.Equal(["rpm-el7", "rpm-el8"], refusing);
    }

    [Fact]
    public async Task An_expiry_in_sight_is_a_warning_and_an_expired_key_an_error()
    {
        using var temporary = new TemporaryKeyStore();
        SigningKey key = await temporary.NewAsync("Example", lifetime: TimeSpan.FromDays(30));
        PolicyClient apt = KeyPolicy.Client("APT-SQV");
        SigningKeyFinding soon = Assert.Single(KeyPolicy.Examine(key, [apt]));
        Assert.Equal(("KeyExpired", FindingSeverity.Warning, key.Expires), (soon.Id, soon.Severity, soon.RefusedFrom));
        SigningKeyFinding after = Assert.Single(KeyPolicy.Examine(key, [apt], key.Expires!.Value));
        Assert.Equal(FindingSeverity.Error, after.Severity);
        IReadOnlyList<SigningKeyFinding> before = KeyPolicy.Examine(key, [apt], key.Created.AddDays(-1));
        Assert.Equal([("KeyNotYetValid", FindingSeverity.Error, null), ("KeyExpired", FindingSeverity.Warning, key.Expires)], before.Select(f => (f.Id, f.Severity, f.RefusedFrom)));
    }

    [Fact]
    public async Task Publishing_demands_a_key_for_each_client_and_tells_what_ends_soon()
    {
        using var temporary = new TemporaryKeyStore();
        await temporary.NewAsync("Modern", lifetime: TimeSpan.FromDays(30));
        ISigner signer = await temporary.Store.OpenSignerAsync("Modern");
        var heard = new List<OperationProgress>();
        IReadOnlyList<SigningKeyFinding> remarks = KeyPolicy.Require(signer, [KeyPolicy.Client("apt-sqv")], progress: new Listener(heard));
        Assert.Single(remarks);
        Assert.Equal(ProgressKind.Warning, Assert.Single(heard).Kind);
        OmnibusException refused = Assert.Throws<OmnibusException>(() => KeyPolicy.Require(signer, [KeyPolicy.Client("apt-sqv"), KeyPolicy.Client("rpm-el7")]));
        Assert.Equal("SigningKeyRefused", refused.Id);
        Assert.Equal(ErrorKind.Security, refused.Kind);
        Assert.Contains("rpm 4.11 of EL 7", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Advice);
    }

    [Theory]
    [InlineData("SHA512", false)]
    [InlineData("SHA256", false)]
    [InlineData("SHA1", true)]
    public void A_signature_over_data_is_judged_by_its_hash(string hash, bool refused)
    {
        var signature = new SignatureVerification(SignatureStatus.Good, "0123456789ABCDEF") { HashAlgorithm = hash };
        Assert.Equal(refused, KeyPolicy.ExamineSignature(signature, [KeyPolicy.Client("apt-gpgv")]).Count == 1);
    }

    [Fact]
    public void Dates_of_the_table_are_days_in_UTC_and_its_sources_are_named()
    {
        Assert.NotEmpty(KeyPolicyTable.Embedded.Sources);
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), KeyPolicy.Client("apt-sqv").Version3Signatures);
        Assert.Equal(KeyPolicy.Clients.Count, KeyPolicy.ClientsOf("apt").Count + KeyPolicy.ClientsOf("rpm").Count);
    }

    private sealed class Listener(List<OperationProgress> heard) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => heard.Add(value);
    }
}
