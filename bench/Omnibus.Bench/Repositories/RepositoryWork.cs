using System.Diagnostics;
using System.Globalization;
using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Signing;

namespace Omnibus.Bench.Repositories;

/// <summary>What the measured processes of the repository benchmark do, and how their input is made.</summary>
internal static class RepositoryWork
{
    /// <summary>The configuration of all measured repositories: what reprepro publishes, gzip indexes.</summary>
    public static RepositoryConfiguration Configuration { get; } = new()
    {
        Type = "Apt",
        Architectures = ["amd64"],
        Compressions = [CompressionKind.Gzip],
        Apt = new AptConfiguration { Codename = "stable" },
    };

    /// <summary>The configuration of the yum repositories: what createrepo_c makes.</summary>
    public static RepositoryConfiguration YumConfiguration { get; } = new() { Type = "Yum", Compressions = [CompressionKind.Gzip] };

    /// <summary>Makes small packages.</summary>
    /// <param name="format">Name of the format, <c>Deb</c> or <c>Rpm</c>.</param>
    /// <param name="folder">Where.</param>
    /// <param name="count">How many.</param>
    /// <param name="first">Number of the first.</param>
    public static async Task MakePackagesAsync(string format, string folder, int count, int first = 0)
    {
        Directory.CreateDirectory(folder);
        IPackageFormat packages = PackageFormats.Get(format);
        bool isDeb = packages.Name == "Deb";
        var options = new PackageWriteOptions(new CompressionSettings(CompressionKind.Gzip, 1));
        await Parallel.ForAsync(first, first + count, async (i, token) =>
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"sample{i:00000}");
            await packages.WriteAsync(
                new PackageDefinition
                {
                    Name = name,
                    Version = new PackageVersion("1.0", "1"),
                    Architecture = isDeb ? "amd64" : "x86_64",
                    License = "MIT",
                    Summary = "a small package",
                    Description = "A longer text about the package\nin two lines.",
                    Maintainer = "Bench <bench@example.com>",
                    Section = "misc",
                    Relations = [PackageRelation.To(RelationKind.Depends, isDeb ? "libc6" : "glibc", RelationOperator.GreaterOrEqual, "2.31")],
                    Entries = [new PackageEntry(PackageEntryKind.File, $"/usr/share/{name}/text") { Content = new MemoryContent(Encoding.UTF8.GetBytes(name)) }],
                },
                folder,
                options,
                token);
        });
    }

    /// <summary><c>publish FOLDER REPOSITORY</c>: makes a repository and publishes all packages of a folder.</summary>
    public static Task PublishAsync(string packages, string folder) =>
        PublishAsync(packages, folder, Directory.EnumerateFiles(packages).First().EndsWith(".deb", StringComparison.Ordinal) ? Configuration : YumConfiguration, new RepositoryContext());

    /// <summary>Makes a repository of any configuration and publishes all packages of a folder.</summary>
    public static async Task PublishAsync(string packages, string folder, RepositoryConfiguration configuration, RepositoryContext context)
    {
        string[] files = Directory.GetFiles(packages);
        Repository repository = await Repository.CreateAsync(new DirectoryStore(Directory.CreateDirectory(folder).FullName, durable: false), configuration, context, CancellationToken.None);
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync([.. files.Select(f => new PackageAddition(f))], null, CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    /// <summary><c>index FOLDER</c>: reads all packages of a folder and makes their index, as apt-ftparchive packages does.</summary>
    public static async Task IndexAsync(string debs)
    {
        using Stream output = Console.OpenStandardOutput();
        await IndexAsync(debs, output);
    }

    /// <summary>Reads all packages of a folder and writes their index to a stream.</summary>
    public static async Task IndexAsync(string debs, Stream output)
    {
        RepositoryConfiguration configuration = new AptFormat().Complete(Configuration);
        var stanzas = new List<(string Name, byte[] Stanza)>();
        string[] files = Directory.GetFiles(debs, "*.deb");
        await Parallel.ForEachAsync(files, (file, token) =>
        {
            // apt-ftparchive does not look at the data either; an import does.
            DebPackageScan scan = DebPackageReader.Scan(file, files: false, check: false, token);
            AptPackage package = AptRules.Prepare(new PackageAddition(file), configuration, ControlStanza.Parse(scan.ControlText), scan);
            lock (stanzas)
            {
                stanzas.Add((package.Identity.Name, package.StanzaFor(package.Key)));
            }

            return ValueTask.CompletedTask;
        });
        stanzas.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        using var buffered = new BufferedStream(output, 256 * 1024);
        foreach ((_, byte[] stanza) in stanzas)
        {
            buffered.Write(stanza);
        }
    }

    /// <summary><c>metadata FOLDER SCRATCH</c>: reads all rpms of a folder and makes their metadata, as createrepo_c does; no package is copied.</summary>
    public static async Task MetadataAsync(string rpms, string folder)
    {
        Repository repository = await Repository.CreateAsync(new DirectoryStore(Directory.CreateDirectory(folder).FullName, durable: false), YumConfiguration, new RepositoryContext(), CancellationToken.None);
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync([.. Directory.GetFiles(rpms, "*.rpm").Select(f => new PackageAddition(f))], null, CancellationToken.None);
        await transaction.PlanAsync(null, CancellationToken.None);
    }

    /// <summary>Makes a published suite of any size without its packages: the index alone counts.</summary>
    public static Task MakeSuiteAsync(string folder, int count, string deb) =>
        MakeSuiteAsync(folder, count, deb, Configuration with { Compressions = [CompressionKind.Gzip, CompressionKind.Xz] }, new RepositoryContext());

    /// <summary>The same for any configuration.</summary>
    public static async Task MakeSuiteAsync(string folder, int count, string deb, RepositoryConfiguration configuration, RepositoryContext context)
    {
        var store = new DirectoryStore(Directory.CreateDirectory(folder).FullName, durable: false);
        Repository repository = await Repository.CreateAsync(store, configuration, context, CancellationToken.None);
        byte[] packages = MakeIndex(count);
        using var compressed = new MemoryStream();
        using (Stream gzip = Compressors.Compress(compressed, new CompressionSettings(CompressionKind.Gzip)))
        {
            gzip.Write(packages);
        }

        var release = new ReleaseFile();
        release.Add("Codename", "stable");
        release.Add("Date", DateTimeOffset.UtcNow.AddMinutes(-1));
        string digest = Digest(compressed.ToArray());
        release.Entries["main/binary-amd64/Packages"] = new ReleaseEntry(packages.Length, Digest(packages));
        release.Entries["main/binary-amd64/Packages.gz"] = new ReleaseEntry(compressed.Length, digest);
        await store.PutBytesAsync($"dists/stable/main/binary-amd64/by-hash/SHA256/{digest}", compressed.ToArray(), new PutOptions(), CancellationToken.None);
        ISigner? signer = await repository.OpenSignerAsync(CancellationToken.None);
        byte[] text = release.ToBytes();
        await store.PutBytesAsync(
            repository.Format.PointerKey(repository.Configuration),
            signer is null ? text : await signer.SignCleartextAsync(text, DateTimeOffset.UtcNow, CancellationToken.None),
            new PutOptions(),
            CancellationToken.None);
        await AddAsync(folder, deb, context);
    }

    /// <summary><c>add REPOSITORY FILE...</c>: adds packages one by one and prints CPU seconds of each but the first, and the greatest memory.</summary>
    public static async Task AddEachAsync(string folder, string[] debs)
    {
        foreach (string deb in debs)
        {
            using var self = Process.GetCurrentProcess();
            TimeSpan before = self.TotalProcessorTime;
            var watch = Stopwatch.StartNew();
            await AddAsync(folder, deb);
            self.Refresh();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(self.TotalProcessorTime - before).TotalSeconds:0.000} {watch.Elapsed.TotalSeconds:0.000} {self.PeakWorkingSet64}"));
        }
    }

    /// <summary>Adds one package to a repository.</summary>
    public static Task AddAsync(string folder, string package) => AddAsync(folder, package, new RepositoryContext());

    private static async Task AddAsync(string folder, string deb, RepositoryContext context)
    {
        Repository repository = await Repository.OpenAsync(new DirectoryStore(folder, durable: false), context, CancellationToken.None);
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(new PackageAddition(deb), CancellationToken.None);
        await transaction.CommitAsync(null, CancellationToken.None);
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    // Texts about as long and as unlike each other as those of a distribution.
    private static byte[] MakeIndex(int count)
    {
        var random = new Random(1);
        var text = new StringBuilder(count * 700);
        for (int i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                Package: pkg{i:000000}
                Architecture: amd64
                Version: 1.{i % 97}-{i % 7}
                Priority: optional
                Section: utils
                Maintainer: Some Body {i % 50} <some.body{i % 50}@example.com>
                Installed-Size: {random.Next(10000)}
                Depends: libc6 (>= 2.{i % 40}), libfoo{i % 300} (>= 1.{i % 9}), pkg{random.Next(count):000000}
                Filename: pool/main/p/pkg{i:000000}/pkg{i:000000}_1.{i % 97}-{i % 7}_amd64.deb
                Size: {random.Next(1000000)}
                SHA256: {Digest(BitConverter.GetBytes(i))}
                Homepage: https://example.com/pkg{i:000000}
                Description: package number {i} of the measurement
                 This is the longer text of the package, about as long as those
                 of a usual distribution, so that sizes are realistic: {random.Next()} {random.Next()}.
                 .
                 It goes on for a second paragraph with word{random.Next(5000)} and word{random.Next(5000)}.


                """);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
