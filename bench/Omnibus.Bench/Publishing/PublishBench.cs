using System.Globalization;
using System.Text;
using Omnibus.Bench.Repositories;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Bench.Publishing;

/// <summary>Omnibus and aptly publish to the same object store, through a proxy that adds latency to each request of both.</summary>
internal static class PublishBench
{
    private const string Bucket = "bench";
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(20);
    private static readonly int[] s_sizes = [1_000, 10_000, 50_000];

    /// <summary>Runs it and writes bench/results/publish.md and publish.svg.</summary>
    public static async Task RunAsync(BenchOptions options)
    {
        string scratch = Directory.CreateTempSubdirectory("omnibus-bench-").FullName;
        try
        {
            string program = await PublishedProgram.MakeAsync(Path.Combine(scratch, "program"));
            using CephCluster cluster = await CephCluster.StartAsync();
            UseAccount(await cluster.NewUserAsync("bench"), Path.Combine(scratch, "home"));
            await S3BucketPolicy.AllowPublicReadAsync(new S3Location(Bucket, string.Empty), new S3Connection { EndpointUrl = cluster.Endpoint, Region = "us-east-1" }, createBucket: true, CancellationToken.None);
            using var proxy = new FaultProxy(cluster.Endpoint) { Latency = s_latency };

            string keys = Path.Combine(scratch, "keys");
            SigningKey key = await new SigningKeyStore(keys).NewAsync(new SigningKeyRequest("Bench", "bench@example.com") { Algorithm = SigningKeyAlgorithm.Ed25519 });
            RepositoryConfiguration configuration = RepositoryWork.Configuration with { Compressions = [CompressionKind.Gzip, CompressionKind.Xz], SigningKeys = [key.Fingerprint] };
            string debs = Path.Combine(scratch, "debs");
            await RepositoryWork.MakePackagesAsync("Deb", debs, options.Packages);
            string source = Path.Combine(scratch, "source");
            await RepositoryWork.PublishAsync(debs, source, configuration, PublisherCommand.MakeContext(keys));

            // A prefix that is new for each run makes each publication a first one.
            int run = 0;
            string destination = string.Empty;
            var ours = new Contender("Omnibus", "sh", "-c", $"exec {program} publisher {keys} {proxy.Endpoint} \"$(cat {scratch}/destination)\" {source}")
            {
                Prepare = () => File.WriteAllText($"{scratch}/destination", destination = $"s3://{Bucket}/omnibus-{run++}"),
            };
            var first = new Comparison($"first publish of {options.Packages:N0} debs", await MakeAptlyAsync(scratch, debs, proxy.Endpoint), ours, 0.1);
            ComparisonResult result = await first.RunAsync(options.Runs);
            Console.WriteLine($"{first.Title}: {result.TimeRatio:0.000}");

            proxy.Reset();
            await ProcessMeter.RunAsync(new Contender("Omnibus", program, "publisher", keys, proxy.Endpoint.ToString(), destination, source));
            int unchanged = proxy.Requests.Count;
            Console.WriteLine($"unchanged: {unchanged} requests");

            List<PublishPoint> curve = await new PublishCurve(scratch, program, keys, proxy, cluster.Endpoint).MeasureAsync(s_sizes, Math.Max(3, options.Runs), configuration, Bucket);
            Report.Write("publish", "Publishing to an object store", Describe(options, unchanged, curve), [result], options.Runs);
            var drawing = new CurveDrawing("One package into a published suite on S3, 20 ms latency: seconds", "packages in the suite");
            File.WriteAllText(Path.Combine(Report.BenchFolder(), "results", "publish.svg"), drawing.Draw([.. curve.Select(p => (p.Packages, p.Seconds))]));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // Both sides find the account where programs look for one; nothing of the user's own is read or written.
    private static void UseAccount(CephUser user, string home)
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", user.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", user.SecretKey);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        Environment.SetEnvironmentVariable("HOME", Directory.CreateDirectory(home).FullName);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path.Combine(home, "cache"));
    }

    private static async Task<Contender> MakeAptlyAsync(string scratch, string debs, Uri endpoint)
    {
        string root = Directory.CreateDirectory(Path.Combine(scratch, "aptly")).FullName;
        File.WriteAllText($"{root}/aptly.conf", $$$"""
            {
              "rootDir": "{{{root}}}/state",
              "gpgDisableSign": true,
              "S3PublishEndpoints": { "bench": { "region": "us-east-1", "bucket": "{{{Bucket}}}", "endpoint": "{{{endpoint.ToString().TrimEnd('/')}}}", "acl": "private" } }
            }
            """);
        string aptly = $"aptly -config={root}/aptly.conf";

        // The import into its own database is not counted; ours was made before, too.
        await ProcessMeter.RunAsync(new Contender("aptly", "sh", "-c", $"{aptly} repo create -component=main -distribution=stable bench && exec {aptly} repo add bench {debs}"));
        int run = 0;
        return new Contender("aptly", "sh", "-c", $"exec {aptly} publish repo -skip-signing -skip-contents -skip-bz2 -architectures=amd64 bench \"s3:bench:$(cat {root}/prefix)\"")
        {
            Prepare = () => File.WriteAllText($"{root}/prefix", $"aptly-{run++}"),
        };
    }

    private static string Describe(BenchOptions options, int unchanged, IReadOnlyList<PublishPoint> curve)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Both sides publish {options.Packages:N0} small debs, imported before, to the same Ceph gateway (memory-backed, loopback) through the same proxy, which holds each request back for {s_latency.TotalMilliseconds:0} ms. ");
        text.Append("Omnibus writes gzip and xz indexes, by-hash copies and signatures, each object under a condition; aptly gzip indexes alone, unsigned. Every side is a process of its own, its start counted.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Publishing the same again: {unchanged} requests (to reach: at most 3).\n\n");
        text.Append("One package into a published suite (drawn in `publish.svg`), counted by the proxy, in a process that has started; greatest number of requests, bytes and seconds of the median run. To reach: at most 10 PUTs, no LIST.\n\n");
        text.Append("| packages | elapsed | requests | PUT | LIST | sent | received |\n|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (PublishPoint point in curve)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {point.Packages:N0} | {point.Seconds:0.00} s | {point.Requests} | {point.Puts} | {point.Lists} | {point.BytesSent / 1024.0:N0} KiB | {point.BytesReceived / 1024.0:N0} KiB |\n");
        }

        return text.ToString();
    }
}
