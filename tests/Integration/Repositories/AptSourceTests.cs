using System.Diagnostics;
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
        await ImportAsync(repository, Build("hello", "1.0-1"), await DebAsync("tool", "1"));
        await ImportAsync(repository, Build("hello", "1.1-1"), Build("other", "2:1-1"));
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
        await ImportAsync(repository, Build("hello", "1.0-1"), Build("other", "2:1-1"));
        string expected = Require("apt-ftparchive", "-o", "APT::FTPArchive::SHA512=false", "sources", "pool");
        using FileStream file = File.OpenRead(Path.Combine(Scratch.Path, "repository/dists/stable/main/source/Sources.gz"));
        using Stream plain = Compressors.Decompress(file, CompressionKind.Gzip);
        Assert.Equal(Stanzas(expected), Stanzas(await new StreamReader(plain).ReadToEndAsync()));
    }

    private string Build(string name, string version)
    {
        string upstream = version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..version.LastIndexOf('-')];
        string tree = $"source/{name}-{upstream}";
        Scratch.Write($"{tree}/text", $"{name} {version}");
        Scratch.Write($"{tree}/debian/source/format", "3.0 (quilt)\n");
        Scratch.Write($"{tree}/debian/changelog", $"{name} ({version}) unstable; urgency=low\n\n  * Change.\n\n -- Tests <tests@example.com>  Mon, 01 Jan 2024 00:00:00 +0000\n");
        Scratch.Write($"{tree}/debian/control", $"""
            Source: {name}
            Section: utils
            Priority: optional
            Maintainer: Tests <tests@example.com>
            Uploaders: Second <second@example.com>
            Build-Depends: debhelper-compat (= 13), python3
            Standards-Version: 4.6.2
            Rules-Requires-Root: no
            Vcs-Git: https://example.com/{name}.git
            Homepage: https://example.com/

            Package: {name}
            Architecture: any
            Description: program
             text

            Package: {name}-doc
            Section: doc
            Architecture: all
            Description: documentation
             text

            """);
        string folder = Path.Combine(Scratch.Path, "source");
        Run(folder, "tar", "--exclude=debian", "-czf", $"{name}_{upstream}.orig.tar.gz", $"{name}-{upstream}");
        Run(folder, "dpkg-source", "-b", $"{name}-{upstream}");
        return Path.Combine(folder, $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}.dsc");
    }

    private static void Run(string folder, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{output}{errors.Result}");
    }
}
