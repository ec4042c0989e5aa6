using System.Diagnostics;
using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class ChunkCodecTests
{
    public static TheoryData<CompressionKind> Kinds => [CompressionKind.Gzip, CompressionKind.Xz, CompressionKind.Zstd];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Parts_come_back_one_by_one_with_their_compressed_bytes(CompressionKind kind)
    {
        byte[][] parts = [Text(1, 300_000), Text(2, 1), Text(3, 70_000)];
        byte[] file = Write(kind, parts, out List<EncodedChunk> written);
        ChunkCodec codec = ChunkCodec.For(kind);
        using var source = new ChunkSource(new MemoryStream(file));
        Assert.True(await codec.ReadHeaderAsync(source, CancellationToken.None));
        for (int i = 0; i < parts.Length; i++)
        {
            EncodedChunk? chunk = await codec.ReadAsync(source, CancellationToken.None);
            Assert.NotNull(chunk);
            Assert.Equal(written[i].Bytes.ToArray(), chunk.Bytes.ToArray());
            byte[] plain = new byte[chunk.PlainLength];
            codec.Decode(chunk, plain);
            Assert.Equal(parts[i], plain);
        }

        Assert.Null(await codec.ReadAsync(source, CancellationToken.None));
        await source.DrainAsync(CancellationToken.None);
        Assert.Equal(file.Length, source.Length);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Xz, "xz")]
    [InlineData(CompressionKind.Zstd, "zstd")]
    public void The_usual_program_reads_the_row_of_parts_as_one_file(CompressionKind kind, string program)
    {
        byte[][] parts = [Text(4, 100_000), Text(5, 5_000), Text(6, 200_000)];
        Assert.Equal(parts.SelectMany(p => p).ToArray(), Decompress(program, Write(kind, parts, out _)));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Xz, "xz")]
    [InlineData(CompressionKind.Zstd, "zstd")]
    public void A_file_of_nothing_is_a_whole_file(CompressionKind kind, string program) =>
        Assert.Empty(Decompress(program, Write(kind, [[]], out _)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Files_of_other_makers_are_told_apart_or_refused_without_harm(CompressionKind kind)
    {
        using var foreign = new MemoryStream();
        using (Stream compressing = Compressors.Compress(foreign, new CompressionSettings(kind)))
        {
            compressing.Write(Text(7, 100_000));
        }

        ChunkCodec codec = ChunkCodec.For(kind);
        using var source = new ChunkSource(new MemoryStream(foreign.ToArray()));
        if (!await codec.ReadHeaderAsync(source, CancellationToken.None))
        {
            return;
        }

        try
        {
            // A frame or block with its lengths is readable whoever made it; the merge checks what is in it.
            EncodedChunk? chunk = await codec.ReadAsync(source, CancellationToken.None);
            byte[] plain = new byte[chunk!.PlainLength];
            codec.Decode(chunk, plain);
            Assert.Equal(Text(7, 100_000)[..plain.Length], plain);
        }
        catch (InvalidDataException)
        {
            // Also right: it is read whole then.
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Damage_anywhere_is_an_error_never_other_content(CompressionKind kind)
    {
        byte[][] parts = [Text(8, 2_000), Text(9, 3_000)];
        byte[] whole = Write(kind, parts, out _);
        byte[] expected = [.. parts[0], .. parts[1]];
        for (int i = 0; i < whole.Length; i += 3)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x55;
            using var source = new ChunkSource(new MemoryStream(damaged));
            var read = new MemoryStream();
            try
            {
                ChunkCodec codec = ChunkCodec.For(kind);
                if (!await codec.ReadHeaderAsync(source, CancellationToken.None))
                {
                    continue;
                }

                while (await codec.ReadAsync(source, CancellationToken.None) is { } chunk)
                {
                    byte[] plain = new byte[chunk.PlainLength];
                    codec.Decode(chunk, plain);
                    read.Write(plain);
                }
            }
            catch (InvalidDataException)
            {
                continue;
            }

            // What no checksum covers (a gzip header's operating system) leaves the content as it is; the file's digest finds it.
            await source.DrainAsync(CancellationToken.None);
            Assert.True(read.ToArray().SequenceEqual(expected) || kind == CompressionKind.Gzip, $"byte {i}");
        }
    }

    private static byte[] Write(CompressionKind kind, byte[][] parts, out List<EncodedChunk> written)
    {
        ChunkCodec codec = ChunkCodec.For(kind);
        var file = new MemoryStream();
        file.Write(codec.Header.Span);
        written = [.. parts.Select(p => codec.Encode(p))];
        foreach (EncodedChunk chunk in written)
        {
            file.Write(chunk.Bytes.Span);
        }

        file.Write(codec.Trailer(written));
        return file.ToArray();
    }

    private static byte[] Text(int seed, int length)
    {
        var random = new Random(seed);
        return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(8)))));
    }

    private static byte[] Decompress(string program, byte[] file)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            var start = new ProcessStartInfo("/bin/sh", ["-c", $"{program} -dc < \"$0\"", path]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            using var output = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(output);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output.ToArray();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
