using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Yum;
using Omnibus.Tests.Integration.Rpm;

namespace Omnibus.Tests.Integration.Repositories;

/// <summary>Our metadata and createrepo_c's for the same packages.</summary>
public sealed class YumCreaterepoTests : IDisposable
{
    private static readonly XNamespace s_common = "http://linux.duke.edu/metadata/common";

    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_metadata_of_every_kind_of_package_mean_what_createrepo_c_means()
    {
        string folder = Directory.CreateDirectory(_folder.At("repo")).FullName;
        await MakePackagesAsync();
        await RpmFolder.RunAsync("createrepo_c", "--no-database", "--general-compress-type=gz", folder);

        var xml = new XmlBuffer();
        string primary = string.Empty;
        string filelists = string.Empty;
        string other = string.Empty;
        foreach (string path in Directory.GetFiles(folder, "*.rpm").Order(StringComparer.Ordinal))
        {
            RpmPackage package = RpmPackageReader.Read(path, digest: true, CancellationToken.None);
            (byte[] before, byte[] after) = PackageXml.Primary(package, xml);
            primary += Encoding.UTF8.GetString(before) + Path.GetFileName(path) + Encoding.UTF8.GetString(after);
            filelists += Encoding.UTF8.GetString(PackageXml.Filelists(package, xml));
            other += Encoding.UTF8.GetString(PackageXml.Other(package, xml));
        }

        AssertSame(Theirs(folder, "primary"), XDocument.Parse($"<metadata xmlns=\"{s_common}\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">{primary}</metadata>"));
        AssertSame(Theirs(folder, "filelists"), XDocument.Parse($"<filelists xmlns=\"http://linux.duke.edu/metadata/filelists\">{filelists}</filelists>"));
        AssertSame(Theirs(folder, "other"), XDocument.Parse($"<otherdata xmlns=\"http://linux.duke.edu/metadata/other\">{other}</otherdata>"));
    }

    [Fact]
    public async Task A_published_repository_holds_the_documents_that_createrepo_c_makes_of_its_packages()
    {
        await MakePackagesAsync();
        string published = Directory.CreateDirectory(_folder.At("published")).FullName;
        var configuration = new RepositoryConfiguration { Type = "Yum", Architectures = ["x86_64"], Compressions = [CompressionKind.Gzip] };
        Repository repository = await Repository.CreateAsync(new DirectoryStore(published, durable: false), configuration, new RepositoryContext(), CancellationToken.None);

        // In two publications, so that the second merges.
        foreach (string[] part in Directory.GetFiles(_folder.At("repo"), "*.rpm").Order(StringComparer.Ordinal).Chunk(2))
        {
            RepositoryTransaction transaction = repository.BeginTransaction();
            foreach (string path in part)
            {
                File.SetLastWriteTimeUtc(path, RpmSamples.Time.UtcDateTime);
                await transaction.AddAsync(new PackageAddition(path), CancellationToken.None);
            }

            await transaction.CommitAsync(null, CancellationToken.None);
        }

        // The time of a file stands in primary; that of the published copy is when it was published.
        foreach (string path in Directory.GetFiles(published, "*.rpm", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, RpmSamples.Time.UtcDateTime);
        }

        string folder = Directory.CreateDirectory(_folder.At("theirs")).FullName;
        await RpmFolder.RunAsync("createrepo_c", "--no-database", "--general-compress-type=gz", "--outputdir", folder, published);
        XElement theirs = Repomd(folder);
        XElement ours = Repomd(published);
        XNamespace repo = ours.Name.Namespace;
        Assert.Equal(theirs.Name, ours.Name);
        foreach (string name in new[] { "primary", "filelists", "other" })
        {
            XDocument expected = Theirs(folder, name);
            XDocument actual = Load(published, Data(ours, name).Element(repo + "location")!.Attribute("href")!.Value);
            Assert.Equal((expected.Root!.Name, expected.Root.Attribute("packages")?.Value), (actual.Root!.Name, actual.Root.Attribute("packages")?.Value));
            AssertSame(expected, actual);
            Assert.Equal(Data(theirs, name).Elements().Select(e => e.Name).Order(XNameOrder), Data(ours, name).Elements().Select(e => e.Name).Order(XNameOrder));
        }
    }

    private static Comparer<XName> XNameOrder { get; } = Comparer<XName>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));

    private static XElement Repomd(string folder) => XDocument.Load(Path.Combine(folder, "repodata/repomd.xml")).Root!;

    private static XElement Data(XElement repomd, string type) => repomd.Elements(repomd.Name.Namespace + "data").Single(d => d.Attribute("type")!.Value == type);

    private async Task MakePackagesAsync()
    {
        await _folder.WriteAsync(RpmSamples.Rich(), new CompressionSettings(CompressionKind.Gzip), "repo");
        await _folder.WriteAsync(RpmSamples.Small(), null, "repo");
        await _folder.WriteAsync(
            RpmSamples.Small(
                "1.0",
                RpmSamples.File("/usr/lib/sendmail", "x"),
                RpmSamples.File("/opt/robin/a&b<c>\"d", "x"),
                RpmSamples.File("/usr/libexec/cabin/x", "x"),
                RpmSamples.Folder("/opt/x/bin"),
                RpmSamples.Folder("/etc/x")) with
            {
                Name = "odd",
                Version = new PackageVersion("1^git", "0.1", 12),
                License = null,
                Description = "Tab\tand <markup> & \"quotes\"\r\nand \ud83d\ude00 漢.  Two spaces.",
                Relations =
                [
                    PackageRelation.To(RelationKind.Depends, "/usr/lib/sendmail"),
                    PackageRelation.To(RelationKind.Depends, "/opt/other"),
                    PackageRelation.To(RelationKind.Depends, "odd", RelationOperator.Equal, "12:1^git-0.1"),
                    PackageRelation.To(RelationKind.Depends, "same"),
                    PackageRelation.To(RelationKind.PreDepends, "same"),
                    PackageRelation.To(RelationKind.Depends, "libc.so.6(GLIBC_2.4)(64bit)"),
                    PackageRelation.To(RelationKind.Depends, "libc.so.6()(64bit)"),
                    PackageRelation.To(RelationKind.Depends, "libc.so.6(GLIBC_2.34)(64bit)"),
                    PackageRelation.To(RelationKind.Depends, "libc.so.6(GLIBC_2.3.4)(64bit)"),
                    PackageRelation.To(RelationKind.Depends, "epoch", RelationOperator.GreaterOrEqual, "3:4-5.el9"),
                    PackageRelation.To(RelationKind.Provides, "bare"),
                ],
                Changelog = [.. Enumerable.Range(0, 14).Select(i => new ChangelogEntry(
                    string.Create(CultureInfo.InvariantCulture, $"1.{14 - i}-1"),
                    RpmSamples.Time.AddDays(-(i / 3)),
                    "Ä \"B\" <a@example.com>",
                    [$"change {i}", "<&>"]))],
            },
            null,
            "repo");

        // Old packages are written in any encoding: an `x` of the summary becomes the letter ü of ISO 8859-1.
        PackageFile latin = await _folder.WriteAsync(RpmSamples.Small() with { Name = "latin", Summary = "Bxcher" }, null, "repo");
        byte[] bytes = await File.ReadAllBytesAsync(latin.Path);
        RpmPackage before = RpmPackageReader.Read(latin.Path, digest: false, CancellationToken.None);
        bytes[bytes.AsSpan().IndexOf("Bxcher"u8) + 1] = 0xfc;
        Span<byte> header = bytes.AsSpan((int)before.HeaderStart, before.Header.Bytes.Length);
        Replace(bytes, before.Signature.GetString(RpmSignatureTag.Sha1)!, Convert.ToHexStringLower(SHA1.HashData(header)));
        Replace(bytes, before.Signature.GetString(RpmSignatureTag.Sha256)!, Convert.ToHexStringLower(SHA256.HashData(header)));
        await File.WriteAllBytesAsync(latin.Path, bytes);
    }

    private static void Replace(byte[] bytes, string old, string next) =>
        Encoding.ASCII.GetBytes(next).CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(old))));

    private static XDocument Theirs(string folder, string name) => Load(folder, Path.Combine("repodata", Path.GetFileName(Directory.GetFiles(Path.Combine(folder, "repodata"), $"*-{name}.xml.gz").Single())));

    private static XDocument Load(string folder, string path)
    {
        using FileStream file = File.OpenRead(Path.Combine(folder, path));
        using Stream plain = Compressors.Decompress(file, CompressionKind.Gzip);
        return XDocument.Load(plain, LoadOptions.PreserveWhitespace);
    }

    private static void AssertSame(XDocument theirs, XDocument ours)
    {
        string[] expected = Packages(theirs);
        string[] actual = Packages(ours);
        Assert.Equal(expected.Select(Head), actual.Select(Head));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i]);
        }
    }

    private static string Head(string package) => string.Join(" ", package.Split('\n').Take(3));

    private static string[] Packages(XDocument document) => [.. document.Root!.Elements().Select(Canonical).Order(StringComparer.Ordinal)];

    private static string Canonical(XElement element)
    {
        var text = new StringBuilder();
        Append(element, text, string.Empty);
        return text.ToString();
    }

    private static void Append(XElement element, StringBuilder text, string indent)
    {
        text.Append(indent).Append(element.Name.LocalName);
        foreach (XAttribute attribute in element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $" {attribute.Name}='{attribute.Value}'");
        }

        text.Append(element.HasElements ? "\n" : $" [{element.Value}]\n");
        foreach (XElement child in element.Elements())
        {
            Append(child, text, indent + "  ");
        }
    }
}
