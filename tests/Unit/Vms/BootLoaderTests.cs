using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Tests.Unit.Vms;

public sealed class BootLoaderTests
{
    private const long DiskLength = 8L << 30;

    [Fact]
    public void The_first_sector_holds_GRUBs_code_and_one_active_Linux_partition()
    {
        byte[] head = BootLoader.Compose(Filled(512, 0x11), Filled(40_000, 0x22), DiskLength);
        Assert.Equal(512 + 40_000, head.Length);
        Assert.Equal(0x11, head[0]);
        Assert.Equal(1, BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(0x5c)));
        Assert.Equal(0x80, head[446]);
        Assert.Equal(0x83, head[450]);
        Assert.Equal(2048u, BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(454)));
        Assert.Equal((uint)((DiskLength / 512) - 2048), BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(458)));
        Assert.True(head.AsSpan(462, 48).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(0xaa55, BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(510)));
        Assert.Equal(2, BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(512 + 0x1f4)));
        Assert.Equal(0x22, head[512]);
    }

    [Theory]
    [InlineData(511, 40_000, DiskLength)]
    [InlineData(512, 100, DiskLength)]
    [InlineData(512, 1024 * 1024, DiskLength)]
    [InlineData(512, 40_000, 1024 * 1024)]
    public void What_does_not_fit_before_the_partition_is_refused(int first, int core, long disk) =>
        Assert.Equal("BootLoaderInvalid", Assert.Throws<OmnibusException>(() => BootLoader.Compose(new byte[first], new byte[core], disk)).Id);

    private static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }
}
