using FsCheck.Xunit;
using Omnibus.Core.Compression;
using Omnibus.Core.Compression.Gzip;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Tests.Unit;

public sealed class CompressorsTests
{
    public static TheoryData<CompressionKind> Kinds => [CompressionKind.None, CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd];

    public static TheoryData<CompressionKind> RealKinds => [CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_compressed_comes_back(CompressionKind kind)
    {
        foreach (int length in new[] { 0, 1, 1000, 1024 * 1024, (3 * 1024 * 1024) + 17 })
        {
            byte[] data = TestData(length);
            Assert.Equal(data, Decompress(Compress(data, kind), kind));
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void The_size_of_the_writes_does_not_change_the_bytes(CompressionKind kind)
    {
        byte[] data = TestData(2_500_000);
        byte[] whole = Compress(data, kind);
        Assert.Equal(whole, Compress(data, kind, writeSize: 4096));
        Assert.Equal(whole, Compress(data, kind, writeSize: 1_048_577));
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Data_cut_short_at_any_byte_is_an_error(CompressionKind kind)
    {
        byte[] compressed = Compress(TestData(700), kind);
        for (int length = 0; length < compressed.Length; length++)
        {
            var error = Assert.Throws<OmnibusException>(() => Decompress(compressed[..length], kind));
            Assert.Equal("CompressedDataInvalid", error.Id);
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Data_cut_short_is_an_error_for_asynchronous_readers_too(CompressionKind kind)
    {
        byte[] compressed = Compress(TestData(700), kind);
        for (int length = 0; length < compressed.Length; length += 7)
        {
            using Stream stream = Compressors.Decompress(new MemoryStream(compressed[..length]), kind);
            var error = Assert.Throws<OmnibusException>(() => stream.CopyToAsync(Stream.Null).GetAwaiter().GetResult());
            Assert.Equal("CompressedDataInvalid", error.Id);
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void A_changed_byte_never_goes_unseen(CompressionKind kind)
    {
        byte[] data = TestData(700);
        byte[] compressed = Compress(data, kind);
        for (int i = 0; i < compressed.Length; i++)
        {
            if (kind == CompressionKind.Gzip && i is >= 3 and < 10)
            {
                continue; // Flags, time and system of a gzip header are not protected.
            }

            byte[] damaged = [.. compressed];
            damaged[i] ^= 0x55;
            try
            {
                // A change that leaves the content whole is fine (an unused bit); other content without an error is not.
                Assert.Equal(data, Decompress(damaged, kind));
            }
            catch (OmnibusException e)
            {
                Assert.Contains(e.Id, (string[])["CompressedDataInvalid", "CompressionMemoryExceeded"]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Members_one_after_the_other_are_read_as_one(CompressionKind kind)
    {
        byte[] first = TestData(5000);
        byte[] second = TestData(100_000);
        byte[] both = [.. Compress(first, kind), .. Compress(second, kind)];
        Assert.Equal([.. first, .. second], Decompress(both, kind));
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void The_compressor_is_known_by_its_first_bytes(CompressionKind kind)
    {
        Assert.Equal(kind, Compressors.Detect(Compress([1, 2, 3], kind)));
        Assert.Equal(CompressionKind.None, Compressors.Detect("plain text"u8));
        Assert.Equal(CompressionKind.None, Compressors.Detect([]));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, 0)]
    [InlineData(CompressionKind.Gzip, 10)]
    [InlineData(CompressionKind.Xz, 10)]
    [InlineData(CompressionKind.Xz, -1)]
    [InlineData(CompressionKind.Zstd, 0)]
    [InlineData(CompressionKind.Zstd, 23)]
    public void A_level_outside_the_scale_is_refused(CompressionKind kind, int level)
    {
        var error = Assert.Throws<OmnibusException>(() => Compressors.Compress(Stream.Null, new CompressionSettings(kind, level)));
        Assert.Equal("CompressionLevelInvalid", error.Id);
    }

    [Theory]
    [InlineData(CompressionKind.Xz, 6)]
    [InlineData(CompressionKind.Zstd, 19)]
    public void A_decompressor_keeps_to_its_memory_limit(CompressionKind kind, int level)
    {
        // Not below the content's size: zstd would otherwise choose a small window.
        byte[] compressed = Compress(TestData(9_000_000), kind, level);
        using Stream stream = Compressors.Decompress(new MemoryStream(compressed), kind, memoryLimit: 1024 * 1024);
        var error = Assert.Throws<OmnibusException>(() => stream.CopyTo(Stream.Null));
        Assert.Equal("CompressionMemoryExceeded", error.Id);
    }

    [Fact]
    public void A_gzip_member_holds_neither_time_nor_name()
    {
        byte[] compressed = Compress(TestData(100), CompressionKind.Gzip);
        Assert.Equal<byte>([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], compressed[..8]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(GzipMember.Size)]
    [InlineData(GzipMember.Size + 1)]
    [InlineData(5_000_000)]
    public void Gzip_members_are_one_file_to_other_readers(int length)
    {
        byte[] data = TestData(length);
        using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(Compress(data, CompressionKind.Gzip)), System.IO.Compression.CompressionMode.Decompress);
        using var result = new MemoryStream();
        gzip.CopyTo(result);
        Assert.Equal(data, result.ToArray());
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public void Cancelled_work_is_given_up_rather_than_finished(CompressionKind kind)
    {
        using var cancellation = new CancellationTokenSource();
        using var target = new MemoryStream();
        using (Stream stream = Compressors.Compress(target, new CompressionSettings(kind), cancellationToken: cancellation.Token))
        {
            stream.Write(TestData(3_000_000));
            cancellation.Cancel();
        }

        target.Position = 0;
        using Stream reader = Compressors.Decompress(target, kind);
        Assert.Throws<OmnibusException>(() => reader.CopyTo(Stream.Null));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, 26)]
    [InlineData(CompressionKind.Gzip, 27)]
    [InlineData(CompressionKind.Gzip, 65557)]
    [InlineData(CompressionKind.Gzip, 65558)]
    [InlineData(CompressionKind.Gzip, 65583)]
    [InlineData(CompressionKind.Gzip, 300_001)]
    [InlineData(CompressionKind.Zstd, 8)]
    [InlineData(CompressionKind.Zstd, 300_001)]
    [InlineData(CompressionKind.Xz, 0)]
    [InlineData(CompressionKind.None, 0)]
    public void A_filling_behind_compressed_data_reads_as_nothing(CompressionKind kind, int length)
    {
        byte[] data = TestData(10_000);
        byte[]? filling = Compressors.Filling(kind, length);
        Assert.Equal(length, filling!.Length);
        Assert.Equal(data, Decompress([.. Compress(data, kind), .. filling], kind));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, 25)]
    [InlineData(CompressionKind.Zstd, 7)]
    [InlineData(CompressionKind.Xz, 4)]
    [InlineData(CompressionKind.None, 1)]
    public void There_is_no_filling_where_the_format_has_none(CompressionKind kind, int length) => Assert.Null(Compressors.Filling(kind, length));

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(20_000_000)]
    [InlineData(60_000_000)]
    [InlineData(1_000_000_000)]
    public void Whatever_length_was_expected_xz_holds_what_was_written(int? expected)
    {
        byte[] data = new byte[60_000_000];
        new Random(1).NextBytes(data.AsSpan(0, 100_000));
        using var target = new MemoryStream();
        using (Stream stream = Compressors.Compress(target, new CompressionSettings(CompressionKind.Xz, 0), expected))
        {
            stream.Write(data);
        }

        Assert.True(Decompress(target.ToArray(), CompressionKind.Xz).AsSpan().SequenceEqual(data));
    }

    private static byte[] TestData(int length)
    {
        // Half text-like, half noise: compressible, but not to nothing.
        var random = new Random(length);
        byte[] data = new byte[length];
        random.NextBytes(data);
        for (int i = 0; i < length; i++)
        {
            if (i / 512 % 2 == 0)
            {
                data[i] = (byte)('a' + (data[i] % 7));
            }
        }

        return data;
    }

    private static byte[] Compress(byte[] data, CompressionKind kind, int? level = null, int writeSize = int.MaxValue)
    {
        using var target = new MemoryStream();
        using (Stream stream = Compressors.Compress(target, new CompressionSettings(kind, level)))
        {
            for (int i = 0; i < data.Length; i += writeSize)
            {
                stream.Write(data, i, Math.Min(writeSize, data.Length - i));
                if (writeSize == int.MaxValue)
                {
                    break;
                }
            }
        }

        return target.ToArray();
    }

    private static byte[] Decompress(byte[] data, CompressionKind kind)
    {
        using Stream stream = Compressors.Decompress(new MemoryStream(data), kind);
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }
}
