using Omnibus.Core.Building;

namespace Omnibus.Tests.Unit.Building;

public sealed class FileStatusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-status-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_kernel_tells_files_folders_links_and_devices_apart()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "12345");
        File.SetUnixFileMode(file, (UnixFileMode)0b100_110_100_000);
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "file");
        FileStatus status = FileStatus.Of(file);
        Assert.Equal((FileType.Regular, 0b100_110_100_000, 5L, 1u), (status.Type, status.Mode, status.Size, status.LinkCount));
        Assert.Equal(FileType.SymbolicLink, FileStatus.Of(Path.Combine(_folder, "link")).Type);
        Assert.Equal(FileType.Directory, FileStatus.Of(_folder).Type);
        Assert.Equal(FileType.Special, FileStatus.Of("/dev/null").Type);
        Assert.Throws<FileNotFoundException>(() => FileStatus.Of(Path.Combine(_folder, "none")));
    }

    [Fact]
    public void A_real_path_has_no_links_and_circles_end()
    {
        string real = Directory.CreateDirectory(Path.Combine(_folder, "a", "b")).FullName;
        File.WriteAllText(Path.Combine(real, "file"), "x");
        File.CreateSymbolicLink(Path.Combine(_folder, "c"), "a/b");
        File.CreateSymbolicLink(Path.Combine(real, "up"), "../../c/file");
        Assert.Equal(RealPath.Of(_folder) + "/a/b/file", RealPath.Of(Path.Combine(_folder, "c", "up")));
        File.CreateSymbolicLink(Path.Combine(_folder, "x"), "y");
        File.CreateSymbolicLink(Path.Combine(_folder, "y"), "x");
        Assert.Throws<IOException>(() => RealPath.Of(Path.Combine(_folder, "x")));
    }
}
