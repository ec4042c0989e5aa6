using System.Text;
using Omnibus.Core.Vms.Host;

namespace Omnibus.Tests.Unit.Vms;

public sealed class ProbeFirmwareTests
{
    [Fact]
    public void The_image_starts_at_its_reset_vector_and_its_messages_stand_where_the_code_reads_them()
    {
        byte[] image = ProbeFirmware.Build();
        Assert.Equal(65536, image.Length);
        Assert.Equal([0xe9, 0x0d, 0x00], image[0xfff0..0xfff3]);
        Assert.Equal("omnibus: real mode\r\n\0", Encoding.ASCII.GetString(image, image[2] | (image[3] << 8), 21));
        Assert.Equal("omnibus: work done\r\n\0", Encoding.ASCII.GetString(image, 0x158, 21));

        // The descriptor that lgdt reads: its limit, then the address of the table in the copy at 0x8000.
        Assert.Equal([0x1f, 0x00, 0x08, 0x81, 0x00, 0x00], image[0x128..0x12e]);
        Assert.Equal([0xff, 0xff, 0x00, 0x00, 0x00, 0x9a, 0xcf, 0x00], image[0x110..0x118]);
    }
}
