using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class DebWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-deb").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task Great_data_lie_behind_a_control_member_of_the_length_kept_for_it(CompressionKind kind)
    {
        byte[] package = Write(Great(), kind);
        PackageFile read = await ReadAsync(package);
        Assert.Equal("keeps notes", read.Summary);
        Assert.Equal(300, read.Files.Count(f => f.Path.StartsWith("/opt/notes/f", StringComparison.Ordinal)));
        Assert.All(read.Files.Where(f => f.Path.StartsWith("/opt/notes/f", StringComparison.Ordinal)), f => Assert.Equal(32, f.Digest!.Length));
        Assert.Equal(package, Write(Great(), kind));
    }

    [Theory]
    [InlineData(CompressionKind.None, 1)]
    [InlineData(CompressionKind.Gzip, 1)]
    [InlineData(CompressionKind.Zstd, 1)]
    [InlineData(CompressionKind.None, 1_000_000)]
    public async Task A_place_that_does_not_fit_control_is_made_to_fit(CompressionKind kind, int place)
    {
        PackageDefinition definition = Great();
        using var target = new MemoryStream();
        DebWriter.WriteInPlace(target, definition, DebPayload.Create(definition), new CompressionSettings(kind), Task.FromResult(place), CancellationToken.None);
        PackageFile read = await ReadAsync(target.ToArray());
        Assert.Equal(300, read.Files.Count(f => f.Path.StartsWith("/opt/notes/f", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_place_that_is_too_large_is_filled()
    {
        PackageDefinition definition = Great();
        using var target = new MemoryStream();
        DebWriter.WriteInPlace(target, definition, DebPayload.Create(definition), new CompressionSettings(CompressionKind.Zstd), Task.FromResult(200_001), CancellationToken.None);
        var archive = new ArReader(new MemoryStream(target.ToArray()));
        Assert.Equal("debian-binary", archive.Next()!.Name);
        Assert.Equal(200_001, archive.Next()!.Size);
        Assert.Equal("data.tar.zst", archive.Next()!.Name);
        Assert.Null(archive.Next());
        Assert.Equal("keeps notes", (await ReadAsync(target.ToArray())).Summary);
    }

    [Fact]
    public void Cancelling_ends_the_writing_of_great_data()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        PackageDefinition definition = Great();
        Assert.ThrowsAny<OperationCanceledException>(() => DebWriter.Write(
            new MemoryStream(), definition, DebPayload.Create(definition), new CompressionSettings(CompressionKind.Zstd), _folder, cancellation.Token));
    }

    private static PackageDefinition Great()
    {
        var random = new Random(1);
        return DebFormatTests.Example with
        {
            Entries = [.. Enumerable.Range(0, 300).Select(i =>
            {
                byte[] content = new byte[20_000];
                random.NextBytes(content.AsSpan(0, 10_000));
                return new PackageEntry(PackageEntryKind.File, $"/opt/notes/f{i}") { Content = new MemoryContent(content) };
            })],
        };
    }

    private byte[] Write(PackageDefinition definition, CompressionKind kind)
    {
        using var target = new MemoryStream();
        DebWriter.Write(target, definition, DebPayload.Create(definition), new CompressionSettings(kind), _folder, CancellationToken.None);
        return target.ToArray();
    }

    private async Task<PackageFile> ReadAsync(byte[] package)
    {
        string path = Path.Combine(_folder, "read.deb");
        await File.WriteAllBytesAsync(path, package);
        return await PackageFormats.ReadAsync(path, PackageReadParts.All, CancellationToken.None);
    }
}
