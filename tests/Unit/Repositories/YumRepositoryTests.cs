using System.Text;
using System.Xml.Linq;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Yum;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class YumRepositoryTests : IDisposable
{
    private static readonly XNamespace s_repo = "http://linux.duke.edu/metadata/repo";

    private readonly RepositorySandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    private static RepositoryConfiguration Yum { get; } = new()
    {
        Type = "Yum",
        Architectures = ["x86_64"],
        Compressions = [CompressionKind.Gzip],
        KeepGenerations = 1,
        GracePeriod = TimeSpan.Zero,
    };

    [Fact]
    public async Task What_is_imported_is_found_again_and_can_be_taken_out()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        string one = await RpmAsync("one");
        string two = await RpmAsync("two", "2:1.0-3");
        RepositoryCommit commit = await RepositorySandbox.ImportAsync(repository, one, two);
        Assert.True(commit.Published);

        List<PublishedPackage> packages = await ReadAsync(repository);
        Assert.Equal(["one 1.0-1 noarch Packages/o/one-1.0-1.noarch.rpm", "two 2:1.0-3 noarch Packages/t/epoch-2/two-1.0-3.noarch.rpm"], packages.Select(p => $"{p} {p.Key}"));
        Assert.Equal(await File.ReadAllBytesAsync(one), await File.ReadAllBytesAsync(Path.Combine(_sandbox.Folder, packages[0].Key)));
        Assert.Contains(packages[0].Fields, f => f is { Key: "Provides", Value: "one = 1.0-1" });

        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Remove(p => p.Name == "one");
        await transaction.CommitAsync(null, CancellationToken.None);
        Assert.Equal(["two"], (await ReadAsync(repository)).Select(p => p.Name));
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task The_same_bytes_again_change_nothing_and_other_bytes_are_refused()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        byte[] pointer = await PointerAsync();

        Assert.False((await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"))).Published);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(async () => await RepositorySandbox.ImportAsync(repository, await RpmAsync("one", text: "other")));
        Assert.Equal("RepositoryPackageConflict", error.Id);
        Assert.Equal(pointer, await PointerAsync());
    }

    [Fact]
    public async Task A_mutable_repository_replaces_under_another_key()
    {
        Repository repository = await _sandbox.CreateAsync(Yum with { Mutable = true });
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        RepositoryTransaction transaction = repository.BeginTransaction();
        transaction.Force = true;
        string other = await RpmAsync("one", text: "other");
        await transaction.AddAsync(new PackageAddition(other), CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);

        PublishedPackage package = Assert.Single(await ReadAsync(repository));
        Assert.NotEqual("Packages/o/one-1.0-1.noarch.rpm", package.Key);
        Assert.Equal(await File.ReadAllBytesAsync(other), await File.ReadAllBytesAsync(Path.Combine(_sandbox.Folder, package.Key)));
        await AssertWholeAsync(repository);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    [InlineData(CompressionKind.Xz)]
    public async Task The_same_packages_give_the_same_lists_whatever_the_history(CompressionKind kind)
    {
        string[] paths = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => RpmAsync($"p{i:000}")));
        Repository repository = await _sandbox.CreateAsync(Yum with { Compressions = [kind] });
        await RepositorySandbox.ImportAsync(repository, paths);
        XElement atOnce = await RepomdAsync();

        // Out, and in again one part at a time: from the middle, the ends, and everywhere.
        foreach (Func<int, bool> part in new Func<int, bool>[] { i => i is > 100 and < 200, i => i < 5, i => i > 290, i => i % 7 == 0, _ => true })
        {
            string[] some = [.. paths.Where((_, i) => part(i))];
            HashSet<string> names = [.. some.Select(p => Path.GetFileName(p).Split('-')[0])];
            RepositoryTransaction transaction = repository.BeginTransaction();
            transaction.Remove(p => names.Contains(p.Name));
            await transaction.CommitAsync(null, CancellationToken.None);
            Assert.Equal(300 - some.Length, (await ReadAsync(repository)).Count);
            await AssertWholeAsync(repository);

            await RepositorySandbox.ImportAsync(repository, some);
            XElement again = await RepomdAsync();
            foreach (string type in new[] { "primary", "filelists", "other" })
            {
                Assert.Equal(Checksum(atOnce, type, "checksum"), Checksum(again, type, "checksum"));
            }
        }
    }

    [Fact]
    public async Task A_package_for_another_machine_or_no_package_at_all_is_refused()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        Assert.Equal("RepositoryArchitectureMismatch", (await Assert.ThrowsAsync<OmnibusException>(async () => await RepositorySandbox.ImportAsync(repository, await RpmAsync("one", architecture: "aarch64")))).Id);

        string text = Path.Combine(_sandbox.Root, "text.rpm");
        await File.WriteAllTextAsync(text, "no package");
        Assert.Equal("PackageUnreadable", (await Assert.ThrowsAsync<OmnibusException>(() => RepositorySandbox.ImportAsync(repository, text))).Id);
    }

    [Fact]
    public async Task A_state_from_the_future_is_a_clock_error_and_nothing_changes()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        byte[] pointer = await PointerAsync();
        _sandbox.Clock.Now -= TimeSpan.FromHours(3);
        Assert.Equal("RepositoryClockSkew", (await Assert.ThrowsAsync<OmnibusException>(async () => await RepositorySandbox.ImportAsync(repository, await RpmAsync("one")))).Id);
        Assert.Equal(pointer, await PointerAsync());
    }

    [Fact]
    public async Task Errata_groups_and_modules_are_published_and_carried_on()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        string updates = Path.Combine(_sandbox.Root, "errata.xml");
        string comps = Path.Combine(_sandbox.Root, "groups.xml");
        string modules = Path.Combine(_sandbox.Root, "streams.yaml");
        await File.WriteAllTextAsync(updates, "<?xml version=\"1.0\"?>\n<updates><update/></updates>\n");
        await File.WriteAllTextAsync(comps, "<?xml version=\"1.0\"?>\n<comps><group/></comps>\n");
        await File.WriteAllTextAsync(modules, "---\ndocument: modulemd\nversion: 2\n");
        await RepositorySandbox.ImportAsync(repository, updates, comps, modules);
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));

        XElement repomd = await RepomdAsync();
        Assert.Equal(["primary", "filelists", "other", "group", "group_gz", "modules", "updateinfo"], repomd.Elements(s_repo + "data").Select(d => d.Attribute("type")!.Value));
        string key = repomd.Elements(s_repo + "data").Single(d => d.Attribute("type")!.Value == "updateinfo").Element(s_repo + "location")!.Attribute("href")!.Value;
        using Stream plain = Compressors.Decompress(File.OpenRead(Path.Combine(_sandbox.Folder, key)), CompressionKind.Gzip, leaveOpen: false);
        using var reader = new StreamReader(plain);
        Assert.Equal(await File.ReadAllTextAsync(updates), await reader.ReadToEndAsync());
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task Tags_and_a_rising_revision_stand_in_the_pointer()
    {
        Repository repository = await _sandbox.CreateAsync(Yum with
        {
            Yum = new YumConfiguration { ContentTags = ["binary-x86_64"], RepositoryTags = ["Example"], DistributionTags = ["cpe:/o:example:linux:9,Example <9>", "plain"] },
        });
        XElement first = await RepomdAsync();
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        XElement second = await RepomdAsync();

        XElement tags = second.Element(s_repo + "tags")!;
        Assert.Equal(["binary-x86_64", "Example", "Example <9>", "plain"], tags.Elements().Select(e => e.Value));
        Assert.Equal("cpe:/o:example:linux:9", tags.Elements().ElementAt(2).Attribute("cpeid")!.Value);
        Assert.True(long.Parse(second.Element(s_repo + "revision")!.Value, null) >= long.Parse(first.Element(s_repo + "revision")!.Value, null));
    }

    [Fact]
    public async Task A_signed_pointer_that_somebody_else_changed_is_not_built_upon()
    {
        Repository repository = await _sandbox.CreateAsync(Yum with { Distribution = "rocky-9", SigningKeys = (await RepositorySandbox.SignedAsync()).SigningKeys });
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        await AssertWholeAsync(repository);
        Assert.True(File.Exists(Path.Combine(_sandbox.Folder, "repodata/repomd.xml.asc")));
        Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----", await File.ReadAllTextAsync(Path.Combine(_sandbox.Folder, "repodata/repomd.xml.key")), StringComparison.Ordinal);

        string path = Path.Combine(_sandbox.Folder, "repodata/repomd.xml");
        string text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text.Replace("<revision>", "<revision>1", StringComparison.Ordinal));
        Assert.Contains("RepositorySignerUnknown", (await CheckAsync(repository)).Select(f => f.Id));
        await File.WriteAllTextAsync(path, text.Replace("<timestamp>", "<timestamp> ", StringComparison.Ordinal));
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(async () => await RepositorySandbox.ImportAsync(repository, await RpmAsync("two")));
        Assert.Equal("RepositorySignerUnknown", error.Id);
    }

    [Fact]
    public async Task A_missing_or_stale_signature_beside_the_pointer_is_found_and_mended()
    {
        Repository repository = await _sandbox.CreateAsync(Yum with { Distribution = "rocky-9", SigningKeys = (await RepositorySandbox.SignedAsync()).SigningKeys });
        string path = Path.Combine(_sandbox.Folder, "repodata/repomd.xml.asc");
        byte[] old = await File.ReadAllBytesAsync(path);
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        await File.WriteAllBytesAsync(path, old);
        Assert.Contains("RepositoryCompanionStale", (await CheckAsync(repository)).Select(f => f.Id));

        // A killed publisher leaves the same; the next run, even one that changes nothing, writes what follows from the pointer.
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        await AssertWholeAsync(repository);
    }

    [Fact]
    public async Task A_validity_is_refused_with_what_clients_understand_instead()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => _sandbox.CreateAsync(Yum with { ValidFor = TimeSpan.FromDays(7) }));
        Assert.Equal("RepositoryConfigurationInvalid", error.Id);
        Assert.Contains("-MetadataExpire", error.Advice, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_sandbox.Folder));
    }

    [Fact]
    public async Task A_list_that_was_damaged_is_never_merged()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        await RepositorySandbox.ImportAsync(repository, await RpmAsync("one"));
        XElement filelists = (await RepomdAsync()).Elements(s_repo + "data").Single(d => d.Attribute("type")!.Value == "filelists");
        string path = Path.Combine(_sandbox.Folder, filelists.Element(s_repo + "location")!.Attribute("href")!.Value);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^5] ^= 1;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(path, bytes);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(async () => await RepositorySandbox.ImportAsync(repository, await RpmAsync("two")));
        Assert.Equal("RepositoryIndexMismatch", error.Id);
    }

    [Fact]
    public async Task Requirements_that_the_repository_itself_cannot_meet_are_told()
    {
        Repository repository = await _sandbox.CreateAsync(Yum);
        await RepositorySandbox.ImportAsync(
            repository,
            await RpmAsync("base", "1.0-1"),
            await RpmAsync("good", relations: PackageRelation.To(RelationKind.Depends, "base", RelationOperator.GreaterOrEqual, "0:1.0")),
            await RpmAsync("bad", relations: PackageRelation.To(RelationKind.Depends, "base", RelationOperator.Greater, "1.0-1")),
            await RpmAsync("outside", relations: PackageRelation.To(RelationKind.Depends, "glibc")));
        List<Finding> findings = await CheckAsync(repository);
        Finding unmet = Assert.Single(findings, f => f.Id == "RepositoryDependencyUnmet");
        Assert.Equal("bad 1.0-1 noarch", unmet.Subject);
        Assert.Contains("glibc", Assert.Single(findings, f => f.Id == "RepositoryDependencyElsewhere").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><repomd xmlns=\"http://linux.duke.edu/metadata/repo\">&b;</repomd>")]
    [InlineData("<repomd/>")]
    [InlineData("not xml")]
    [InlineData("<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><data type=\"primary\"><checksum type=\"sha\">00</checksum><location href=\"repodata/x\"/><size>1</size></data></repomd>")]
    [InlineData("<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><data type=\"primary\"><checksum type=\"sha256\">0000000000000000000000000000000000000000000000000000000000000000</checksum><location href=\"../x\"/><size>1</size></data></repomd>")]
    public void A_hostile_pointer_is_refused(string text)
    {
        var pointer = new PublishedPointer("repodata/repomd.xml", "tag", Encoding.UTF8.GetBytes(text));
        Assert.Equal("RepositoryPointerInvalid", Assert.Throws<OmnibusException>(() => new YumFormat().ReadTime(pointer)).Id);
    }

    [Fact]
    public void A_package_that_a_foreign_list_holds_twice_counts_once()
    {
        var plan = new YumChangePlan(new RepositoryChangeSet());
        foreach (string location in new[] { "a/x.rpm", "b/x.rpm" })
        {
            plan.Visit(Encoding.UTF8.GetBytes($"<package type=\"rpm\"><name>x</name><arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/><location href=\"{location}\"/></package>\n"));
        }

        plan.Complete();
        Assert.Equal(1, plan.MergedCount);
    }

    [Fact]
    public void Forbidden_characters_are_left_out_and_the_rest_is_escaped()
    {
        var xml = new XmlBuffer();
        xml.Attribute("a"u8, "<\"\n\t&\u0001\ufffe>\u00e4"u8).Text("\"\r\n\u001f\uffff<"u8);
        Assert.Equal(" a=\"&lt;&quot;&#10;&#9;&amp;&gt;ä\"\"&#13;\n&lt;", Encoding.UTF8.GetString(xml.Written));
    }

    private async Task<string> RpmAsync(string name, string version = "1.0-1", string architecture = "noarch", string text = "", params PackageRelation[] relations)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_sandbox.Root, "built", Guid.NewGuid().ToString("N")[..8])).FullName;
        PackageFile package = await PackageFormats.Get("Rpm").WriteAsync(
            new PackageDefinition
            {
                Name = name,
                Version = PackageVersion.Parse(version),
                Architecture = architecture,
                Summary = $"the {name} of the tests",
                Maintainer = "Tests <tests@example.com>",
                License = "MIT",
                Relations = relations,
                Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/text") { Content = new MemoryContent(text) }],
            },
            folder,
            new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1)),
            CancellationToken.None);

        // The time of the file stands in primary.
        File.SetLastWriteTimeUtc(package.Path, DateTime.UnixEpoch.AddYears(50));
        return package.Path;
    }

    private static async Task<List<PublishedPackage>> ReadAsync(Repository repository)
    {
        var packages = new List<PublishedPackage>();
        await foreach (PublishedPackage package in repository.ReadPackagesAsync(null, CancellationToken.None))
        {
            packages.Add(package);
        }

        return packages;
    }

    private static async Task<List<Finding>> CheckAsync(Repository repository)
    {
        PublishedPointer pointer = (await repository.ReadPointerAsync(CancellationToken.None))!;
        var findings = new List<Finding>();
        await foreach (Finding finding in repository.Format.CheckAsync(repository, pointer, await ReadAsync(repository), CancellationToken.None))
        {
            findings.Add(finding);
        }

        return findings;
    }

    private static async Task AssertWholeAsync(Repository repository) =>
        Assert.DoesNotContain(await CheckAsync(repository), f => f.Severity == FindingSeverity.Error);

    private Task<byte[]> PointerAsync() => File.ReadAllBytesAsync(Path.Combine(_sandbox.Folder, "repodata/repomd.xml"));

    private async Task<XElement> RepomdAsync() => XDocument.Parse(Encoding.UTF8.GetString(await PointerAsync())).Root!;

    private static string Checksum(XElement repomd, string type, string name) =>
        repomd.Elements(s_repo + "data").Single(d => d.Attribute("type")!.Value == type).Element(s_repo + name)!.Value;
}
