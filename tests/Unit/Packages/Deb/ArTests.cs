using System.Text;
using FsCheck.Xunit;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class ArTests
{
    [Property]
    public bool Any_members_survive_writing_and_reading(byte[][] contents)
    {
        using var archive = new MemoryStream();
        var writer = new ArWriter(archive);
        for (int i = 0; i < contents.Length; i++)
        {
            writer.Add($"member{i}", contents[i], DateTimeOffset.UnixEpoch);
        }

        foreach (bool seekable in new[] { true, false })
        {
            archive.Position = 0;
            var reader = new ArReader(seekable ? archive : new OneByOneStream(archive));
            for (int i = 0; i < contents.Length; i++)
            {
                ArEntry? entry = reader.Next();
                if (entry is null || entry.Name != $"member{i}" || entry.Size != contents[i].Length || (i % 2 == 0 && !ReadAll(reader).SequenceEqual(contents[i])))
                {
                    return false;
                }
            }

            if (reader.Next() is not null)
            {
                return false;
            }
        }

        return true;
    }

    [Fact]
    public void A_header_is_what_dpkg_writes()
    {
        using var archive = new MemoryStream();
        new ArWriter(archive).Add("debian-binary", "2.0\n"u8, DateTimeOffset.FromUnixTimeSeconds(1234567890));
        Assert.Equal(
            "!<arch>\ndebian-binary   1234567890  0     0     100644  4         `\n2.0\n",
            Encoding.ASCII.GetString(archive.ToArray()));
    }

    [Theory]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644  99        `\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644  9999999999`\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644  -1        `\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644  1e3       `\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644            `\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   0           0     0     100644  4         XX2.0\n")]
    [InlineData("!<arch>\ndebian/binary   0           0     0     100644  4         `\n2.0\n")]
    [InlineData("!<arch>\n                0           0     0     100644  4         `\n2.0\n")]
    [InlineData("!<arch>\ndebian-bin")]
    [InlineData("!<thin>\n")]
    [InlineData("")]
    public void A_damaged_archive_is_refused(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        foreach (bool seekable in new[] { true, false })
        {
            var reader = new ArReader(seekable ? new MemoryStream(bytes) : new OneByOneStream(new MemoryStream(bytes)));
            Assert.Throws<InvalidDataException>(() =>
            {
                while (reader.Next() is not null)
                {
                    ReadAll(reader);
                }
            });
        }
    }

    private static byte[] ReadAll(ArReader reader)
    {
        using var content = new MemoryStream();
        reader.CurrentContent.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Gives one byte a read and does not seek, like a slow network.</summary>
    private sealed class OneByOneStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(1, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
