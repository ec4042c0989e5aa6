using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Unit.Packages.Rpm;

public class RpmWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-rpm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_same_definition_gives_the_same_bytes_whatever_the_order_of_its_entries()
    {
        PackageEntry[] entries = [RpmSample.File("/b"), RpmSample.File("/a/c"), new(PackageEntryKind.Directory, "/a"), RpmSample.File("/a-b")];
        byte[] first = await RpmSample.BytesAsync(RpmSample.Definition(entries));
        byte[] second = await RpmSample.BytesAsync(RpmSample.Definition([.. entries.Reverse()]));
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task The_payload_holds_what_the_header_says_with_the_names_of_one_file_together_and_its_data_under_the_last()
    {
        byte[] bytes = await RpmSample.BytesAsync(
            RpmSample.Definition(
                RpmSample.File("/d/b", "shared"),
                new PackageEntry(PackageEntryKind.HardLink, "/d/a") { LinkTarget = "/d/b" },
                new PackageEntry(PackageEntryKind.HardLink, "/d/c") { LinkTarget = "/d/b" },
                RpmSample.File("/d/bb", "between"),
                new PackageEntry(PackageEntryKind.Ghost, "/d/ghost"),
                RpmSample.File("/e", new string('x', 700_001))),
            CompressionKind.None);
        string path = RpmSample.WriteFile(bytes);
        try
        {
            RpmPackage package = RpmPackageReader.Read(path, digest: false, CancellationToken.None);
            Assert.Equal(bytes.Length - package.HeaderEnd, package.ArchiveSize);
            using var payload = new MemoryStream(bytes, (int)package.HeaderEnd, bytes.Length - (int)package.HeaderEnd);
            var reader = new CpioReader(payload, "test");
            var seen = new List<string>();
            while (await reader.NextAsync(CancellationToken.None) is { } entry)
            {
                seen.Add($"{entry.Name} {entry.Inode} {entry.Links} {entry.Size}");
            }

            Assert.Equal(["./d/a 1 3 0", "./d/b 1 3 0", "./d/c 1 3 6", "./d/bb 3 1 7", "./e 6 1 700001"], seen);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_package_without_files_is_written_and_read()
    {
        string path = RpmSample.WriteFile(await RpmSample.BytesAsync(RpmSample.Definition()));
        try
        {
            Assert.Empty((await new RpmFormat().ReadAsync(path, PackageReadParts.All, CancellationToken.None)).Files);
            Assert.Empty(await RpmVerifier.CheckAsync(path, CancellationToken.None));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Times_later_than_the_definitions_are_brought_back_to_it()
    {
        PackageDefinition definition = RpmSample.Definition(RpmSample.File("/a") with { ModifiedTime = DateTimeOffset.UtcNow.AddYears(5) });
        PackageFile package = await WriteAsync(definition);
        Assert.Equal(definition.Timestamp, package.Files[0].ModifiedTime);
    }

    [Fact]
    public async Task The_same_package_again_is_no_error_but_another_of_that_name_is()
    {
        PackageDefinition definition = RpmSample.Definition(RpmSample.File("/a"));
        PackageFile first = await WriteAsync(definition);
        Assert.Equal(first.Path, (await WriteAsync(definition)).Path);

        PackageDefinition other = RpmSample.Definition(RpmSample.File("/a", "other\n"));
        byte[] before = await File.ReadAllBytesAsync(first.Path);
        Assert.Equal("PackageExists", (await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(other))).Id);
        Assert.Equal(before, await File.ReadAllBytesAsync(first.Path));

        await WriteAsync(other, force: true);
        Assert.NotEqual(before, await File.ReadAllBytesAsync(first.Path));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5_000_000)]
    public async Task A_file_that_changes_its_length_while_it_is_packed_is_an_error_and_nothing_stays_behind(int length)
    {
        var entry = new PackageEntry(PackageEntryKind.File, "/a") { Content = new ShrinkingContent(length) };
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(RpmSample.Definition(entry)));
        Assert.Equal("PackageInputChanged", error.Id);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_an_error_that_names_it()
    {
        string source = Path.Combine(_folder, "source");
        await File.WriteAllTextAsync(source, "x");
        var entry = new PackageEntry(PackageEntryKind.File, "/a") { Content = new FileContent(source) };
        File.Delete(source);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(RpmSample.Definition(entry)));
        Assert.Equal("PackageInputUnreadable", error.Id);
        Assert.Equal(source, error.Item);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var entry = new PackageEntry(PackageEntryKind.File, "/a") { Content = new CancellingContent(stop) };
        var options = new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RpmFormat().WriteAsync(RpmSample.Definition(entry), _folder, options, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_made()
    {
        string folder = Path.Combine(_folder, "none", "below");
        PackageFile file = await WriteAsync(RpmSample.Definition(), folder);
        Assert.Equal(folder, Path.GetDirectoryName(file.Path));
        Assert.True(File.Exists(file.Path));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_an_error_of_storage()
    {
        string notFolder = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(notFolder, "in the way", CancellationToken.None);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => WriteAsync(RpmSample.Definition(), Path.Combine(notFolder, "none")));
        Assert.Equal("PackageWriteFailed", error.Id);
        Assert.Equal(ErrorKind.Storage, error.Kind);
    }

    private Task<PackageFile> WriteAsync(PackageDefinition definition, bool force = false) => WriteAsync(definition, _folder, force);

    private static Task<PackageFile> WriteAsync(PackageDefinition definition, string folder, bool force = false) =>
        new RpmFormat().WriteAsync(definition, folder, new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip)) { Force = force }, CancellationToken.None);

    private sealed class ShrinkingContent(int length) : IEntryContent
    {
        public long Length => length;

        public Stream OpenRead() => new MemoryStream(new byte[length - 1]);
    }

    private sealed class CancellingContent(CancellationTokenSource stop) : IEntryContent
    {
        public long Length => 64 * 1024 * 1024;

        public Stream OpenRead()
        {
            stop.Cancel();
            return new MemoryStream(new byte[Length]);
        }
    }
}
