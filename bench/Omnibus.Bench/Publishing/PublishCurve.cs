using System.Diagnostics;
using System.Globalization;
using Omnibus.Bench.Repositories;
using Omnibus.Core.Compression;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Bench.Publishing;

/// <summary>What one more package costs in a published suite of growing size, counted by the proxy before the store.</summary>
internal sealed class PublishCurve(string scratch, string program, string keys, FaultProxy proxy, Uri store)
{
    // The first ones start the runtime and fill caches; the first of a place also looks what may be cleared away.
    private const int WarmUps = 2;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1.2);

    /// <summary>Measures each size.</summary>
    public async Task<List<PublishPoint>> MeasureAsync(IReadOnlyList<int> sizes, int runs, RepositoryConfiguration configuration, string bucket)
    {
        string[] sources = await MakeSourcesAsync(configuration, WarmUps + runs);
        var points = new List<PublishPoint>();
        foreach (int size in sizes)
        {
            var place = new S3Location(bucket, $"suite-{size}");
            await MakeSuiteAsync(size, configuration, sources[0], place);
            points.Add(await MeasureAsync(size, place, sources[1..]));
            Console.WriteLine(points[^1]);
        }

        return points;
    }

    private async Task<PublishPoint> MeasureAsync(int size, S3Location place, string[] sources)
    {
        var start = new ProcessStartInfo(program, ["publisher", "--ask", keys, proxy.Endpoint.ToString(), place.ToString(), .. sources])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        var seen = new List<PublishPoint>();
        foreach (string _ in sources)
        {
            // A publication waits for the next second when it follows another at once; that is not its cost.
            await Task.Delay(s_pause);
            proxy.Reset();
            await process.StandardInput.WriteLineAsync();
            string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"adding to {size} packages failed");
            IReadOnlyList<ProxiedRequest> requests = proxy.Requests;
            seen.Add(new PublishPoint(
                size,
                double.Parse(line, CultureInfo.InvariantCulture),
                requests.Count,
                requests.Count(r => r.Method == "PUT"),
                requests.Count(r => r.Method == "GET" && r.Target.Contains("list-type=", StringComparison.Ordinal)),
                requests.Where(r => r.IsWrite).Sum(r => r.Bytes),
                proxy.AnswerBytes));
        }

        await process.WaitForExitAsync();
        List<PublishPoint> counted = seen[(WarmUps - 1)..];
        return counted.OrderBy(p => p.Seconds).ElementAt(counted.Count / 2) with
        {
            Puts = counted.Max(p => p.Puts),
            Lists = counted.Max(p => p.Lists),
            Requests = counted.Max(p => p.Requests),
        };
    }

    private async Task<string[]> MakeSourcesAsync(RepositoryConfiguration configuration, int count)
    {
        string folder = Path.Combine(scratch, "additions");
        await RepositoryWork.MakePackagesAsync("Deb", folder, count);
        var sources = new List<string>();
        foreach (string deb in Directory.GetFiles(folder, "*.deb").Order(StringComparer.Ordinal))
        {
            string source = Path.Combine(scratch, "sources", Path.GetFileNameWithoutExtension(deb));
            var made = await Repository.CreateAsync(new DirectoryStore(Directory.CreateDirectory(source).FullName, durable: false), configuration, PublisherCommand.MakeContext(keys), CancellationToken.None);
            RepositoryTransaction transaction = made.BeginTransaction();
            await transaction.AddAsync(new PackageAddition(deb), CancellationToken.None);
            await transaction.CommitAsync(null, CancellationToken.None);
            sources.Add(source);
        }

        return [.. sources];
    }

    // A suite of any size without its packages, as the indexes alone count, made in a folder and carried to the store.
    private async Task MakeSuiteAsync(int size, RepositoryConfiguration configuration, string firstSource, S3Location place)
    {
        string folder = Path.Combine(scratch, $"suite-{size}");
        string deb = Directory.GetFiles(firstSource, "*.deb", SearchOption.AllDirectories).Single();
        await RepositoryWork.MakeSuiteAsync(folder, size, deb, configuration, PublisherCommand.MakeContext(keys));
        var local = new DirectoryStore(folder, durable: false);
        using var remote = new S3Store(place, new S3Connection { EndpointUrl = store, Region = "us-east-1" });
        await foreach (StoredObject item in local.ListAsync(string.Empty, CancellationToken.None))
        {
            string path = local.PathOf(item.Key);
            await remote.PutAsync(item.Key, () => File.OpenRead(path), item.Size, new PutOptions(), null, CancellationToken.None);
        }

        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>What one more package costs in a suite of some size.</summary>
internal sealed record PublishPoint(int Packages, double Seconds, int Requests, int Puts, int Lists, long BytesSent, long BytesReceived);
