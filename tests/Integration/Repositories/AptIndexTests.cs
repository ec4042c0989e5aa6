using System.Text.RegularExpressions;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Lists of files and long descriptions, as apt fetches them and as apt-ftparchive makes them.</summary>
public sealed class AptIndexTests : AptArchiveTests
{
    // As apt-file's own configuration has it.
    private const string ClientConfiguration = """
        Acquire::Languages "en";
        Acquire::IndexTargets::deb::Contents-deb {
            MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)";
            ShortDescription "Contents-$(ARCHITECTURE)";
            Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents (deb)";
            flatMetaKey "Contents-$(ARCHITECTURE)";
            flatDescription "$(RELEASE) Contents (deb)";
            KeepCompressed "true";
            Identifier "Contents-deb";
        };
        """;

    [Theory]
    [InlineData(RepositoryLayout.Pool)]
    [InlineData(RepositoryLayout.Flat)]
    public async Task Apt_fetches_the_lists_of_files_and_shows_the_long_descriptions(RepositoryLayout layout)
    {
        Repository repository = await CreateAsync(layout, WithIndexes);
        await ImportAsync(repository, await DebAsync("tool", "1.0-1"), await DebAsync("data", "1", "all"));
        var apt = new AptRoot(Scratch, "client", Source(layout), configuration: ClientConfiguration);
        apt.Require("apt-get", "update");
        Assert.Contains("A longer text\n of two lines.\n .\n And another paragraph.", apt.Require("apt-cache", "show", "tool"), StringComparison.Ordinal);
        Assert.Equal(["usr/share/data/text utils/data", "usr/share/tool/text utils/tool"], FetchedContents(apt));

        // The next state is fetched by its hash, and what went is gone from it.
        RepositoryTransaction change = repository.BeginTransaction();
        change.Remove(p => p.Name == "data");
        await change.AddAsync(new PackageAddition(await DebAsync("more", "1")), CancellationToken.None);
        await change.CommitAsync(null, CancellationToken.None);
        apt.Require("apt-get", "update");
        Assert.Contains("And another paragraph.", apt.Require("apt-cache", "show", "more"), StringComparison.Ordinal);
        Assert.Equal(["usr/share/more/text utils/more", "usr/share/tool/text utils/tool"], FetchedContents(apt));
    }

    [Fact]
    public async Task Lines_and_stanzas_are_those_of_apt_ftparchive()
    {
        Repository repository = await CreateAsync(RepositoryLayout.Pool, WithIndexes);
        await ImportAsync(repository, await DebAsync("tool", "1.0-1"), await DebAsync("tool", "2.0-1"));
        await ImportAsync(repository, await DebAsync("data", "1", "all"), await DpkgDebAsync());
        string stanzas = Require(
            "apt-ftparchive", "-o", "APT::FTPArchive::LongDescription=false", "-o", "APT::FTPArchive::MD5=false", "-o", "APT::FTPArchive::SHA1=false", "-o", "APT::FTPArchive::SHA512=false", "packages", "pool");
        Assert.Equal(Stanzas(stanzas), Stanzas(Plain("dists/stable/main/binary-amd64/Packages.gz")));

        // apt-ftparchive leaves the section out, and pads with tabs.
        string[] lines = [.. Words(Require("apt-ftparchive", "contents", "pool"))];
        Assert.Equal(lines, Words(Plain("dists/stable/main/Contents-amd64.gz")).Select(l => Regex.Replace(l, "(?<=[ ,])[a-z]+/", string.Empty)));
    }

    private static RepositoryConfiguration WithIndexes(RepositoryConfiguration configuration) =>
        configuration with { Apt = configuration.Apt! with { Contents = true, Translations = true } };

    private static IEnumerable<string> Words(string contents) => contents.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(l => Regex.Replace(l, @"\s+(?=\S+$)", " ")).Order(StringComparer.Ordinal);

    // What apt-file does: it asks apt where the files are, and for their lines.
    private static List<string> FetchedContents(AptRoot apt)
    {
        string file = apt.Require("apt-get", "indextargets", "--format", "$(FILENAME)", "Identifier: Contents-deb").Trim();
        return [.. Words(apt.Require("/usr/lib/apt/apt-helper", "cat-file", file)).Where(l => !l.Contains("/doc/", StringComparison.Ordinal))];
    }

    private string Plain(string path)
    {
        using FileStream file = File.OpenRead(Path.Combine(Scratch.Path, "repository", path));
        using Stream plain = Compressors.Decompress(file, CompressionKind.Gzip);
        return new StreamReader(plain).ReadToEnd();
    }
}
