using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Unit.Vms;

public sealed class SeedTests
{
    [Fact]
    public void The_image_names_its_label_and_holds_its_files_where_its_records_say()
    {
        using var image = new MemoryStream();
        byte[] large = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        Iso9660Writer.Write(image, "cidata", [("user-data", large), ("meta-data", "x"u8.ToArray())]);
        byte[] bytes = image.ToArray();
        Assert.Equal(0, bytes.Length % 2048);
        Assert.Equal("\u0001CD001\u0001", Encoding.ASCII.GetString(bytes, 16 * 2048, 7));
        Assert.Equal("cidata", Encoding.ASCII.GetString(bytes, (16 * 2048) + 40, 32).TrimEnd());
        Assert.Equal(bytes.Length / 2048, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan((16 * 2048) + 80)));

        Dictionary<string, (int Extent, int Length)> files = ReadRoot(bytes);
        Assert.Equal(["meta-data", "user-data"], files.Keys.Order());
        Assert.Equal(large, bytes.AsSpan(files["user-data"].Extent * 2048, files["user-data"].Length).ToArray());
        Assert.Equal("x"u8.ToArray(), bytes.AsSpan(files["meta-data"].Extent * 2048, files["meta-data"].Length).ToArray());
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData("a b")]
    public void A_name_that_a_seed_cannot_hold_is_refused(string name) =>
        Assert.Equal("SeedInvalid", Assert.Throws<OmnibusException>(() => Iso9660Writer.Write(Stream.Null, "cidata", [(name, [])])).Id);

    [Fact]
    public void No_value_of_a_machine_breaks_out_of_its_place_in_the_seed()
    {
        var machine = new VmDefinition { Name = "m", Id = Guid.Empty, Architecture = "amd64", MacAddress = "x", User = "builder", PasswordHash = "$6$a\"\nroot: yes" };
        string text = Encoding.UTF8.GetString(NoCloudSeed.UserData(machine, ["ssh-ed25519 AAAA \"},{"], "host.omnibus:3142"));
        Assert.StartsWith("#cloud-config\n", text, StringComparison.Ordinal);
        using JsonDocument data = JsonDocument.Parse(text["#cloud-config\n".Length..]);
        JsonElement user = data.RootElement.GetProperty("users")[1];
        Assert.Equal("builder", user.GetProperty("name").GetString());
        Assert.Equal(machine.PasswordHash, user.GetProperty("hashed_passwd").GetString());
        Assert.Equal("ssh-ed25519 AAAA \"},{", user.GetProperty("ssh_authorized_keys")[0].GetString());
        Assert.Equal(["10.0.2.2", "host.omnibus:3142"], data.RootElement.GetProperty("bootcmd")[0].EnumerateArray().Skip(4).Take(2).Select(word => word.GetString()));
    }

    [Fact]
    public void The_remote_command_quotes_everything_for_a_POSIX_shell() =>
        Assert.Equal(
            "exec bash -c 'echo '\\''$1'\\''' bash 'a b' ''",
            GuestAccess.RemoteCommand(new GuestCommand("echo '$1'") { Arguments = ["a b", ""] }));

    [Fact]
    public void A_command_with_a_NUL_is_refused() =>
        Assert.Equal("GuestCommandInvalid", Assert.Throws<OmnibusException>(() => GuestAccess.RemoteCommand(new GuestCommand("a\0b"))).Id);

    [Fact]
    public void Escape_sequences_of_a_guest_do_not_reach_our_terminal() =>
        Assert.Equal("red text\nnext", LogTail.Clean("\u001b[1;31mred\u001b[0m text\r\n\u0007next\u001b"));

    // An independent reading of the root directory, by ECMA-119 9.1 and Rock Ridge's NM entry.
    private static Dictionary<string, (int Extent, int Length)> ReadRoot(byte[] image)
    {
        int root = BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan((16 * 2048) + 156 + 2)) * 2048;
        var files = new Dictionary<string, (int Extent, int Length)>();
        for (int at = root; image[at] != 0; at += image[at])
        {
            if ((image[at + 25] & 2) != 0)
            {
                continue;
            }

            int nameLength = image[at + 32];
            int use = at + 33 + nameLength + ((33 + nameLength) & 1);
            Assert.Equal("NM", Encoding.ASCII.GetString(image, use, 2));
            string name = Encoding.ASCII.GetString(image, use + 5, image[use + 2] - 5);
            Assert.Equal(BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at + 2)), BinaryPrimitives.ReadInt32BigEndian(image.AsSpan(at + 6)));
            files[name] = (BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at + 2)), BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at + 10)));
        }

        return files;
    }
}
