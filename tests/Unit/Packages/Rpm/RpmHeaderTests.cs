using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Unit.Packages.Rpm;

public class RpmHeaderTests
{
    [Property]
    public bool Strings_and_numbers_come_back_as_they_were_put_in(NonEmptyArray<NonNull<string>> texts, NonEmptyArray<uint> words, NonEmptyArray<ushort> halves, NonEmptyArray<long> longs, NonEmptyArray<byte> bytes)
    {
        // A NUL ends a string of a header, and lone surrogates are no text.
        string[] strings = [.. texts.Get.Select(t => new string([.. t.Get.Where(c => c != '\0' && !char.IsSurrogate(c))]))];
        var builder = new RpmHeaderBuilder();
        builder.AddInt64(5000, longs.Get);
        builder.AddStrings(3000, strings);
        builder.AddInt16(1000, halves.Get);
        builder.AddBinary(4000, bytes.Get);
        builder.AddInt32(2000, words.Get);
        builder.AddString(1500, strings[0]);

        var header = RpmHeader.Parse(builder.Build(RpmTag.HeaderImmutable), "test");
        return header.GetStringArray(3000).SequenceEqual(strings)
            && header.GetString(1500) == strings[0]
            && Numbers(header, 1000).SequenceEqual(halves.Get.Select(h => (long)h))
            && Numbers(header, 2000).SequenceEqual(words.Get.Select(w => (long)w))
            && Numbers(header, 5000).SequenceEqual(longs.Get)
            && header.GetBinary(4000).Span.SequenceEqual(bytes.Get)
            && header.Entries.ToArray().Select(e => e.Tag).SequenceEqual([63, 1000, 1500, 2000, 3000, 4000, 5000]);
    }

    [Property]
    public bool Random_bytes_in_a_header_end_in_an_error_of_ours_or_in_values(NonEmptyArray<byte> noise, PositiveInt position)
    {
        var builder = new RpmHeaderBuilder();
        builder.AddStrings(1000, ["name", "other"]);
        builder.AddInt32(1001, 1, 2, 3);
        builder.AddBinary(1002, [1, 2, 3]);
        byte[] bytes = builder.Build(RpmTag.HeaderImmutable);
        for (int i = 0; i < noise.Get.Length; i++)
        {
            bytes[(position.Get + i) % bytes.Length] = noise.Get[i];
        }

        try
        {
            var header = RpmHeader.Parse(bytes, "test");
            foreach (RpmHeaderEntry entry in header.Entries)
            {
                _ = header.GetStringArray(entry.Tag);
                _ = Numbers(header, entry.Tag);
                _ = header.GetBinary(entry.Tag);
            }
        }
        catch (OmnibusException e)
        {
            return e.Id == "PackageUnreadable";
        }

        return true;
    }

    [Fact]
    public void The_region_trailer_spans_the_whole_index()
    {
        var builder = new RpmHeaderBuilder();
        builder.AddString(1000, "name");
        byte[] bytes = builder.Build(RpmSignatureTag.HeaderSignatures);

        ReadOnlySpan<byte> trailer = bytes.AsSpan(bytes.Length - 16);
        Assert.Equal(62, BinaryPrimitives.ReadInt32BigEndian(trailer));
        Assert.Equal(7, BinaryPrimitives.ReadInt32BigEndian(trailer[4..]));
        Assert.Equal(-32, BinaryPrimitives.ReadInt32BigEndian(trailer[8..]));
        Assert.Equal(16, BinaryPrimitives.ReadInt32BigEndian(trailer[12..]));
    }

    [Fact]
    public void Numbers_are_aligned_to_their_size()
    {
        var builder = new RpmHeaderBuilder();
        builder.AddString(1000, "x");
        builder.AddInt16(1001, [1]);
        builder.AddString(1002, "yy");
        builder.AddInt32(1003, 1);
        builder.AddString(1004, "z");
        builder.AddInt64(1005, 1);

        var header = RpmHeader.Parse(builder.Build(RpmTag.HeaderImmutable), "test");
        Assert.Equal([2, 8, 16], new[] { 1001, 1003, 1005 }.Select(tag => header.Find(tag)!.Value.Offset));
    }

    [Theory]
    [InlineData(0u, 16u)]
    [InlineData(0x10000u, 16u)]
    [InlineData(1u, 0x10000000u)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    public void A_header_that_claims_more_than_rpm_allows_is_refused_before_anything_is_allocated(uint entries, uint data)
    {
        byte[] intro = new byte[RpmHeader.IntroLength];
        RpmHeader.Magic.CopyTo(intro);
        BinaryPrimitives.WriteUInt32BigEndian(intro.AsSpan(8), entries);
        BinaryPrimitives.WriteUInt32BigEndian(intro.AsSpan(12), data);

        Assert.Equal("PackageUnreadable", Assert.Throws<OmnibusException>(() => RpmHeader.Measure(intro, "test")).Id);
    }

    [Fact]
    public void Text_that_is_no_utf8_is_read_as_latin1()
    {
        Assert.Equal("Bücher", RpmText.Decode([(byte)'B', 0xfc, (byte)'c', (byte)'h', (byte)'e', (byte)'r']));
        Assert.Equal("Bücher", RpmText.Decode("Bücher"u8));
    }

    private static long[] Numbers(RpmHeader header, int tag)
    {
        RpmNumbers numbers = header.GetNumbers(tag);
        long[] result = new long[numbers.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = numbers[i];
        }

        return result;
    }
}
