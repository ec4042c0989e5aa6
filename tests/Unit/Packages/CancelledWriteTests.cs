using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Tests.Unit;

public sealed class CancelledWriteTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-cancel").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Deb", CompressionKind.Gzip)]
    [InlineData("Deb", CompressionKind.Xz)]
    [InlineData("Deb", CompressionKind.Zstd)]
    [InlineData("Rpm", CompressionKind.Gzip)]
    [InlineData("Rpm", CompressionKind.Xz)]
    [InlineData("Rpm", CompressionKind.Zstd)]
    public async Task A_cancelled_package_leaves_nothing(string format, CompressionKind kind)
    {
        using var cancellation = new CancellationTokenSource();
        PackageDefinition definition = DebFormatTests.Example with
        {
            Architecture = format == "Deb" ? "all" : "noarch",
            Entries =
            [
                new PackageEntry(PackageEntryKind.File, "/opt/a") { Content = new MemoryContent(new byte[3_000_000]) },
                new PackageEntry(PackageEntryKind.File, "/opt/b") { Content = new CancellingContent(cancellation) },
                new PackageEntry(PackageEntryKind.File, "/opt/c") { Content = new MemoryContent(new byte[3_000_000]) },
            ],
            Triggers = [],
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => PackageFormats.Get(format).WriteAsync(definition, _folder, new PackageWriteOptions(new CompressionSettings(kind)), cancellation.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private sealed class CancellingContent(CancellationTokenSource cancellation) : IEntryContent
    {
        public long Length => 3;

        public Stream OpenRead()
        {
            cancellation.Cancel();
            return new MemoryStream([1, 2, 3]);
        }
    }
}
