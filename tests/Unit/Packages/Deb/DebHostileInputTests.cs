using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

/// <summary>Packages made to harm: each is refused with a reason, within bounded memory.</summary>
public sealed class DebHostileInputTests
{
    private const string Control = "Package: notes\nVersion: 1\nArchitecture: all\n";

    [Fact]
    public void The_pattern_of_these_tests_is_readable_when_nothing_is_wrong()
    {
        DebContents contents = Read(Deb(ControlTar(), Tar(("./usr/", TarEntryType.Directory, "", null), ("./usr/x", TarEntryType.File, "hello", null))));
        Assert.Equal(["/usr", "/usr/x"], contents.Data.Select(e => e.Name));
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("./a/../../b")]
    [InlineData("/..")]
    public void A_path_that_leaves_the_root_is_refused(string path) =>
        Refused("leaves the root", Deb(ControlTar(), Tar((path, TarEntryType.File, "x", null))));

    [Fact]
    public void Members_in_the_wrong_order_or_missing_are_refused()
    {
        byte[] control = ControlTar();
        byte[] data = Tar();
        Refused("control.tar must be", Ar(("debian-binary", "2.0\n"u8.ToArray()), ("data.tar", data), ("control.tar", control)));
        Refused("no data.tar", Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", control)));
        Refused("no control.tar", Ar(("debian-binary", "2.0\n"u8.ToArray())));
        Refused("debian-binary", Ar(("control.tar", control), ("data.tar", data)));
        Refused("version 2", Ar(("debian-binary", "3.0\n"u8.ToArray()), ("control.tar", control), ("data.tar", data)));
        Refused("does not read", Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar.lz", control), ("data.tar", data)));
        Read(Ar(("debian-binary", "2.0\n"u8.ToArray()), ("_gpgorigin", [1]), ("control.tar", control), ("_x", []), ("data.tar", data)));
    }

    [Fact]
    public void A_control_archive_without_control_file_or_with_two_is_refused()
    {
        Refused("no control file", Deb(Tar(("./md5sums", TarEntryType.File, "x", null)), Tar()));
        Refused("two control files", Deb(Tar(("./control", TarEntryType.File, Control, null), ("control", TarEntryType.File, Control, null)), Tar()));
    }

    [Fact]
    public void A_control_file_beyond_all_measure_is_refused() =>
        Refused("bytes", Deb(Tar(("./control", TarEntryType.File, new string('x', ControlStanza.MaximumLength + 1), null)), Tar()));

    [Fact]
    public void A_control_archive_that_unpacks_to_more_than_any_package_needs_is_refused()
    {
        // 300 MB of zeros in some 300 KB.
        using var bomb = new MemoryStream();
        using (Stream gzip = Compressors.Compress(bomb, new CompressionSettings(CompressionKind.Gzip, 9)))
        {
            new TarStreamWriter(gzip).WriteHeader(TarEntryType.File, "./junk", 0, 300L * 1024 * 1024, 0, "root", "root", null);
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 300; i++)
            {
                gzip.Write(zeros);
            }
        }

        Assert.True(bomb.Length < 1024 * 1024);
        Refused("unpacks to more", Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar.gz", bomb.ToArray()), ("data.tar", Tar())));
    }

    [Fact]
    public void Headers_of_another_dialect_or_with_lies_are_refused()
    {
        byte[] good = Tar(("./x", TarEntryType.File, "hello", null));
        foreach ((string reason, Action<byte[]> change) in new (string, Action<byte[]>)[]
        {
            ("PAX", b => b[156] = (byte)'x'),
            ("PAX", b => b[156] = (byte)'g'),
            ("unknown type", b => b[156] = (byte)'S'),
            ("is none", b => b[124] = (byte)'9'),
            ("too great", b => b.AsSpan(124, 12).Fill(0xA0)),
            ("too great", b => { b.AsSpan(124, 12).Fill(0xFE); b[124] = 0x80; }),
            ("cut short", b => Encoding.ASCII.GetBytes("77777777777").CopyTo(b, 124)),
        })
        {
            byte[] bad = [.. good];
            change(bad);
            WriteChecksum(bad);
            Refused(reason, Deb(ControlTar(), bad));
        }

        byte[] unsummed = [.. good];
        unsummed[0] ^= 1;
        Refused("checksum", Deb(ControlTar(), unsummed));
    }

    [Fact]
    public void A_long_name_without_its_entry_or_beyond_measure_is_refused()
    {
        Refused("after a long name", Deb(ControlTar(), Tar(("././@LongLink", TarEntryType.GnuLongName, "abc\0", null))[..1024]));
        Refused("a name of", Deb(ControlTar(), Tar(("././@LongLink", TarEntryType.GnuLongName, new string('a', 100_000), null))));
    }

    [Fact]
    public void Random_damage_never_gives_anything_but_a_reason()
    {
        byte[] whole = Deb(ControlTar(), Tar(("./usr/", TarEntryType.Directory, "", null), ("./usr/x", TarEntryType.File, "hello", null), ("./usr/y", TarEntryType.SymbolicLink, "", "x")));
        var random = new Random(4711);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = [.. whole];
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read(damaged);
            }
            catch (InvalidDataException)
            {
                // Refused with a reason.
            }
        }
    }

    private static DebContents Read(byte[] deb) => DebContents.Read(new MemoryStream(deb), DebDataReading.List, controlFiles: true, CancellationToken.None);

    private static void Refused(string reason, byte[] deb) => Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(deb)).Message, StringComparison.Ordinal);

    private static byte[] ControlTar() => Tar(("./control", TarEntryType.File, Control, null));

    private static byte[] Deb(byte[] control, byte[] data) => Ar(("debian-binary", "2.0\n"u8.ToArray()), ("control.tar", control), ("data.tar", data));

    private static byte[] Ar(params (string Name, byte[] Content)[] members)
    {
        using var stream = new MemoryStream();
        var archive = new ArWriter(stream);
        foreach ((string name, byte[] content) in members)
        {
            archive.Add(name, content, DateTimeOffset.UnixEpoch);
        }

        return stream.ToArray();
    }

    private static byte[] Tar(params (string Name, TarEntryType Type, string Content, string? Link)[] entries)
    {
        using var stream = new MemoryStream();
        var tar = new TarStreamWriter(stream);
        foreach ((string name, TarEntryType type, string content, string? link) in entries)
        {
            tar.WriteHeader(type, name, 0b110_100_100, content.Length, 0, "root", "root", link);
            stream.Write(Encoding.ASCII.GetBytes(content));
            tar.EndContent(content.Length);
        }

        tar.WriteEnd();
        return stream.ToArray();
    }

    private static void WriteChecksum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        uint sum = 0;
        for (int i = 0; i < 512; i++)
        {
            sum += header[i];
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }
}
