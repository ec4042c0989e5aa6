using System.Security.Cryptography;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class Md5LanesTests
{
    [Fact]
    public void Every_length_gives_the_platforms_digest()
    {
        // All lengths around the borders of blocks, and some long ones, in a shuffled order.
        var random = new Random(7);
        int[] lengths = [.. Enumerable.Range(0, 300), 4096, 65536, 100_001, 1_000_000];
        random.Shuffle(lengths);
        byte[] buffer = new byte[lengths.Sum()];
        random.NextBytes(buffer);
        var messages = new BufferSlice[lengths.Length];
        int offset = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            messages[i] = new BufferSlice(offset, lengths[i]);
            offset += lengths[i];
        }

        AssertDigests(buffer, messages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Any_number_of_messages_will_do(int count)
    {
        byte[] buffer = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        AssertDigests(buffer, [.. Enumerable.Range(0, count).Select(i => new BufferSlice(i * 100, (i * 13) % 100))]);
    }

    private static void AssertDigests(byte[] buffer, BufferSlice[] messages)
    {
        byte[] digests = new byte[messages.Length * Md5Lanes.DigestSize];
        if (Md5Lanes.IsSupported)
        {
            Md5Lanes.HashInLanes(buffer, messages, digests);
        }
        else
        {
            Md5Lanes.Hash(buffer, messages, digests);
        }

        for (int i = 0; i < messages.Length; i++)
        {
            byte[] expected = MD5.HashData(buffer.AsSpan(messages[i].Offset, messages[i].Length));
            Assert.Equal(expected, digests[(i * Md5Lanes.DigestSize)..((i + 1) * Md5Lanes.DigestSize)]);
        }
    }
}
