using Omnibus.Core.Compression;
using Omnibus.Core.Repositories;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Source packages made by dpkg-source, fetched by apt, and indexed as apt-ftparchive does it.</summary>
public sealed class AptSourceTests : AptArchiveTests
{
    [Fact]
    public async Task Apt_fetches_the_source_of_a_signed_repository_and_dpkg_unpacks_it()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        await ImportAsync(repository, DscBuilder.Build(Scratch, "hello", "1.0-1"), await DebAsync("tool", "1"));
        await ImportAsync(repository, DscBuilder.Build(Scratch, "hello", "1.1-1"), DscBuilder.Build(Scratch, "other", "2:1-1"));
        var apt = new AptRoot(Scratch, "client", Source(RepositoryLayout.Pool).Replace("Types: deb", "Types: deb deb-src", StringComparison.Ordinal));
        apt.Require("apt-get", "update");
        string folder = Scratch.Folder("fetched");
        apt.RequireIn(folder, "apt-get", "source", "--download-only", "hello=1.0-1");
        apt.RequireIn(folder, "apt-get", "source", "--download-only", "other");
        Assert.Equal(
            ["hello_1.0-1.debian.tar.xz", "hello_1.0-1.dsc", "hello_1.0.orig.tar.gz", "other_1-1.debian.tar.xz", "other_1-1.dsc", "other_1.orig.tar.gz"],
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        apt.RequireIn(folder, "dpkg-source", "-x", "hello_1.0-1.dsc");
        Assert.True(File.Exists(Path.Combine(folder, "hello-1.0/text")));
    }

    [Fact]
    public async Task Stanzas_are_those_of_apt_ftparchive()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool);
        await ImportAsync(repository, DscBuilder.Build(Scratch, "hello", "1.0-1"), DscBuilder.Build(Scratch, "other", "2:1-1"));
        string expected = Require("apt-ftparchive", "-o", "APT::FTPArchive::SHA512=false", "sources", "pool");
        using FileStream file = File.OpenRead(Path.Combine(Scratch.Path, "repository/dists/stable/main/source/Sources.gz"));
        using Stream plain = Compressors.Decompress(file, CompressionKind.Gzip);
        Assert.Equal(Stanzas(expected), Stanzas(await new StreamReader(plain).ReadToEndAsync()));
    }
}
