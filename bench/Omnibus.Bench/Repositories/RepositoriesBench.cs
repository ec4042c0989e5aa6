using System.Diagnostics;
using System.Globalization;

namespace Omnibus.Bench.Repositories;

/// <summary>
/// Omnibus, apt-ftparchive, reprepro, aptly and createrepo_c on the same packages; the same work through the cmdlets; and one package into
/// suites of growing size.
/// </summary>
internal static class RepositoriesBench
{
    private const int DebCount = 5000;
    private const int RpmCount = 3000;
    private static readonly int[] s_sizes = [1_000, 5_000, 10_000, 50_000, 100_000, 200_000];

    /// <summary>Runs it and writes bench/results/repositories.md and repositories.svg.</summary>
    public static async Task RunAsync(BenchOptions options)
    {
        string scratch = Directory.CreateTempSubdirectory("omnibus-bench").FullName;
        try
        {
            string program = await PublishedProgram.MakeAsync(Path.Combine(scratch, "program"));
            string debs = Path.Combine(scratch, "debs");
            await RepositoryWork.MakePackagesAsync("Deb", debs, DebCount);
            string rpms = Path.Combine(scratch, "rpms");
            await RepositoryWork.MakePackagesAsync("Rpm", rpms, RpmCount);
            var results = new List<ComparisonResult>();
            foreach (Comparison comparison in AptComparisons(scratch, debs, program).Concat(await YumComparisons.MakeAsync(scratch, rpms, program)))
            {
                if (options.Only is null || comparison.Title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
                {
                    results.Add(await comparison.RunAsync(options.Runs));
                    Console.WriteLine($"{comparison.Title}: {results[^1].TimeRatio:0.00}");
                }
            }

            List<CurvePoint> curve = options.Only is null ? await MeasureCurveAsync(scratch, program, options.Runs) : [];
            string cmdlets = options.Only is null ? await RunningProcesses.MeasureAsync(scratch, program, debs, rpms, options.Runs, results) : string.Empty;
            Report.Write("repositories", "Repositories", Describe(curve, cmdlets), results, options.Runs);
            if (curve.Count > 0)
            {
                var drawing = new CurveDrawing("One package into a published suite: seconds of CPU", "packages in the suite") { Limit = (0.5, "0.5 s: the limit at 50,000") };
                File.WriteAllText(Path.Combine(Report.BenchFolder(), "results", "repositories.svg"), drawing.Draw([.. curve.Select(p => (p.Packages, p.Cpu))]));
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static IEnumerable<Comparison> AptComparisons(string scratch, string debs, string program)
    {
        yield return new Comparison(
            "index of 5,000 debs",
            new Contender("apt-ftparchive", "apt-ftparchive", "-o", "APT::FTPArchive::SHA512=false", "packages", debs),
            new Contender("Omnibus", program, "repository", "index", debs),
            1.0);

        // Folders are new for each run and go at the end: removing thousands of files slows the next run's making of them.
        int run = 0;
        string Next(string name) => Directory.CreateDirectory(Path.Combine(scratch, $"{name}-{run++}")).FullName;
        string root = Path.Combine(scratch, "current");
        void Point(string name)
        {
            File.Delete(root);
            File.CreateSymbolicLink(root, Next(name));
        }

        Contender Ours() => new("Omnibus", program, "repository", "publish", debs, root + "/repository") { Prepare = () => Point("ours") };
        yield return new Comparison("import and publish 5,000 debs", Reprepro(debs, root, () => Point("reprepro")), Ours(), 0.5);
        yield return new Comparison("import and publish 5,000 debs ", Aptly(debs, root, () => Point("aptly")), Ours(), 0.5);
    }

    private static Contender Reprepro(string debs, string root, Action point) =>
        new("reprepro", "sh", "-c", $"exec reprepro -s -b {root} includedeb stable {debs}/*.deb")
        {
            Prepare = () =>
            {
                point();
                Directory.CreateDirectory($"{root}/conf");
                File.WriteAllText($"{root}/conf/distributions", "Codename: stable\nArchitectures: amd64\nComponents: main\n");
            },
        };

    private static Contender Aptly(string debs, string root, Action point)
    {
        string aptly = $"aptly -config={root}/aptly.conf";
        return new Contender("aptly", "sh", "-c", $"{aptly} repo create -component=main -distribution=stable bench && {aptly} repo add bench {debs} && exec {aptly} publish repo -skip-signing -skip-contents -skip-bz2 -architectures=amd64 bench")
        {
            Prepare = () =>
            {
                point();
                File.WriteAllText($"{root}/aptly.conf", $$"""{"rootDir":"{{root}}/aptly","gpgDisableSign":true}""");
            },
        };
    }

    private static async Task<List<CurvePoint>> MeasureCurveAsync(string scratch, string program, int runs)
    {
        string folder = Path.Combine(scratch, "one");
        await RepositoryWork.MakePackagesAsync("Deb", folder, runs + 3, first: 100_000);
        string[] debs = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
        var points = new List<CurvePoint>();
        foreach (int size in s_sizes)
        {
            string repository = Path.Combine(scratch, $"suite-{size}");
            await RepositoryWork.MakeSuiteAsync(repository, size, debs[0]);
            var start = new ProcessStartInfo(program, ["repository", "add", repository, .. debs[1..]]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"adding to {size} packages failed");
            }

            // The first two start the runtime and the file cache.
            double[][] rows = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).Select(l => l.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
            points.Add(new CurvePoint(size, Median(rows, 0), Median(rows, 1), rows.Max(r => r[2])));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one into {size}: {points[^1].Cpu:0.000} s CPU, {points[^1].Memory / 1e6:0} MB"));
        }

        return points;
    }

    private static double Median(double[][] rows, int column) => rows.Select(r => r[column]).Order().ElementAt(rows.Length / 2);

    private static string Describe(List<CurvePoint> curve, string cmdlets)
    {
        var text = new System.Text.StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{DebCount} small debs and {RpmCount} small rpms, all with gzip indexes and unsigned. apt-ftparchive computes MD5, SHA-1 and SHA-256, Omnibus the same. reprepro and aptly publish to a folder; createrepo_c makes its metadata beside the packages, Omnibus beside its staging folder or, where one is added, as a commit. Every side is a process of its own, its start counted.");
        if (curve.Count > 0)
        {
            text.Append("\n\nOne package into a published suite with gzip and xz indexes, in a process that has started (drawn in `repositories.svg`):\n\n| packages | CPU | elapsed | peak memory |\n|--:|--:|--:|--:|\n");
            foreach (CurvePoint point in curve)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {point.Packages:N0} | {point.Cpu:0.00} s | {point.Elapsed:0.00} s | {point.Memory / 1e6:0} MB |\n");
            }
        }

        return text.Append(cmdlets).ToString();
    }
}

/// <summary>One size of the curve.</summary>
/// <param name="Packages">Packages in the suite.</param>
/// <param name="Cpu">Seconds of CPU for one more, median.</param>
/// <param name="Elapsed">Seconds for one more, median.</param>
/// <param name="Memory">Greatest working set in bytes.</param>
internal sealed record CurvePoint(int Packages, double Cpu, double Elapsed, double Memory);
