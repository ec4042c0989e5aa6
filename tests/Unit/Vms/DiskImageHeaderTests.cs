using System.Buffers.Binary;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Images;

namespace Omnibus.Tests.Unit.Vms;

public sealed class DiskImageHeaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_whole_qcow2_and_a_raw_disk_are_told_apart()
    {
        File.WriteAllBytes(_file, Qcow(3));
        Assert.Equal("qcow2", DiskImageHeader.ReadFormat(_file));
        File.WriteAllBytes(_file, new byte[512]);
        Assert.Equal("raw", DiskImageHeader.ReadFormat(_file));
        File.WriteAllBytes(_file, []);
        Assert.Equal("raw", DiskImageHeader.ReadFormat(_file));
    }

    [Fact]
    public void An_image_that_names_another_file_is_refused_for_it_could_name_any()
    {
        byte[] backed = Qcow(3);
        BinaryPrimitives.WriteUInt64BigEndian(backed.AsSpan(8), 0x200);
        File.WriteAllBytes(_file, backed);
        Assert.Equal("ImageUnsafe", Assert.Throws<OmnibusException>(() => DiskImageHeader.ReadFormat(_file)).Id);

        byte[] external = Qcow(3);
        BinaryPrimitives.WriteUInt64BigEndian(external.AsSpan(72), 4);
        File.WriteAllBytes(_file, external);
        Assert.Equal("ImageUnsafe", Assert.Throws<OmnibusException>(() => DiskImageHeader.ReadFormat(_file)).Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_version_that_nobody_knows_is_refused(int version)
    {
        File.WriteAllBytes(_file, Qcow((uint)version));
        Assert.Equal("ImageInvalid", Assert.Throws<OmnibusException>(() => DiskImageHeader.ReadFormat(_file)).Id);
    }

    [Theory]
    [InlineData("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "amd64")]
    [InlineData("21686148-6449-6E6F-744E-656564454649", "amd64")]
    [InlineData("B921B045-1DF0-41C3-AF44-4C6F280D3FAE", "arm64")]
    [InlineData("0FC63DAF-8483-4772-8E79-3D69D8477DE4", null)]
    public void The_partition_table_tells_the_architecture(string type, string? architecture)
    {
        byte[] start = Table();
        Guid.Parse(type).ToByteArray().CopyTo(start, 1024 + 128);
        Assert.Equal(architecture, DiskImageHeader.ReadArchitecture(start));
    }

    [Fact]
    public void A_table_that_points_outside_the_disk_tells_nothing()
    {
        byte[] start = Table();
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(512 + 72), ulong.MaxValue);
        Assert.Null(DiskImageHeader.ReadArchitecture(start));
        start = Table();
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(512 + 84), uint.MaxValue);
        Assert.Null(DiskImageHeader.ReadArchitecture(start));
        Assert.Null(DiskImageHeader.ReadArchitecture([]));
    }

    private static byte[] Qcow(uint version)
    {
        byte[] header = new byte[104];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x514649fb);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), version);
        return header;
    }

    private static byte[] Table()
    {
        byte[] start = new byte[34 * 512];
        "EFI PART"u8.CopyTo(start.AsSpan(512));
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(512 + 72), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(512 + 80), 128);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(512 + 84), 128);
        return start;
    }
}
