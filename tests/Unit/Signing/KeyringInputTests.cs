using System.Text;
using FsCheck.Xunit;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Unit.Signing;

public sealed class KeyringInputTests(KeyringInputTests.Fixture fixture) : IClassFixture<KeyringInputTests.Fixture>
{
    [Fact]
    public void A_keyring_that_is_cut_anywhere_is_refused_or_yields_what_came_whole()
    {
        byte[] binary = fixture.Binary;
        for (int length = 0; length < binary.Length; length++)
        {
            try
            {
                Assert.True(SigningKey.Read(binary.AsMemory(0, length)).Count <= 1);
            }
            catch (OmnibusException e)
            {
                Assert.True(e.Id is "OpenPgpInvalid" or "SigningKeyUnsupported", e.Id);
            }
        }
    }

    [Fact]
    public void Armor_that_is_cut_anywhere_is_refused()
    {
        for (int length = 0; length < fixture.Armored.Length - 2; length++)
        {
            string id = Assert.Throws<OmnibusException>(() => SigningKey.Read(fixture.Armored.AsMemory(0, length))).Id;
            Assert.True(id is "ArmorInvalid" or "OpenPgpInvalid", $"{length}: {id}");
        }
    }

    [Fact]
    public void A_wrong_armor_checksum_is_refused()
    {
        string text = Encoding.ASCII.GetString(fixture.Armored);
        int sum = text.LastIndexOf("\n=", StringComparison.Ordinal) + 2;
        string broken = text[..sum] + (text[sum] == 'A' ? 'B' : 'A') + text[(sum + 1)..];
        Assert.Equal("ArmorInvalid", Assert.Throws<OmnibusException>(() => SigningKey.Read(Encoding.ASCII.GetBytes(broken))).Id);
    }

    [Fact]
    public void Armor_may_carry_headers_text_around_it_and_no_checksum()
    {
        string[] lines = Encoding.ASCII.GetString(fixture.Armored).TrimEnd('\n').Split('\n');
        IEnumerable<string> changed = ["Dear admin,", lines[0], "Version: X 1.0", "Comment: none", .. lines[1..^2], lines[^1], "Bye"];
        Assert.Equal(fixture.Fingerprint, SigningKey.Read(Encoding.ASCII.GetBytes(string.Join("\r\n", changed)))[0].Fingerprint);
    }

    [Fact]
    public void A_packet_that_claims_four_gigabytes_is_refused_before_anything_is_allocated()
    {
        byte[] hostile = [0xC6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 4, 0, 0];
        Assert.Equal("OpenPgpInvalid", Assert.Throws<OmnibusException>(() => SigningKey.Read(hostile)).Id);
    }

    [Fact]
    public void A_keybox_of_GnuPG_is_named_as_such()
    {
        byte[] keybox = [0, 0, 0, 32, 1, 1, 0, 2, .. "KBXf"u8, .. new byte[20]];
        Assert.Equal("KeyringFormatUnsupported", Assert.Throws<OmnibusException>(() => SigningKey.Read(keybox)).Id);
    }

    [Property(MaxTest = 300)]
    public bool Changed_bytes_never_break_the_reader(ushort position, byte value)
    {
        byte[] changed = [.. fixture.Binary];
        changed[position % changed.Length] = value;
        try
        {
            SigningKey.Read(changed);
        }
        catch (OmnibusException)
        {
            // Refused by the reader, not by an accident.
        }

        return true;
    }

    [Fact]
    public void A_certificate_whose_name_was_changed_has_no_valid_name()
    {
        string text = Encoding.Latin1.GetString(fixture.Binary);
        byte[] changed = Encoding.Latin1.GetBytes(text.Replace("Example", "Exbmple", StringComparison.Ordinal));
        Assert.False(SigningKey.Read(changed)[0].CanSign);
    }

    public sealed class Fixture : IDisposable
    {
        private readonly TemporaryKeyStore _temporary = new();

        public Fixture()
        {
            SigningKey key = _temporary.NewAsync("Example").GetAwaiter().GetResult();
            Fingerprint = key.Fingerprint;
            Binary = key.PublicKey.ToArray();
            Armored = SigningKeyStore.ExportPublic([key], armor: true);
        }

        public string Fingerprint { get; }

        public byte[] Binary { get; }

        public byte[] Armored { get; }

        public void Dispose() => _temporary.Dispose();
    }
}
