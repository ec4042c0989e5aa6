using System.Diagnostics;
using System.Globalization;
using System.Text;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Chroots;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;
using Omnibus.Core.Vms.Testing;

namespace Omnibus.Bench.Vms;

/// <summary>Machines: how long it takes to make an image, a machine, to boot it, to bring it back, and to test a package in it.</summary>
internal static class VmsBench
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it and writes bench/results/vms.md.</summary>
    public static async Task RunAsync(BenchOptions options)
    {
        // Boots take long: three of each side say enough.
        int runs = Math.Min(options.Runs, 3);
        string scratch = Directory.CreateTempSubdirectory("omnibus-bench").FullName;
        var machines = new VmDirectory(Path.Combine(scratch, "data"), Path.Combine(scratch, "cache"), Path.Combine(scratch, "run"));
        var rows = new List<Row>();
        try
        {
            await MeasureAsync(machines, scratch, runs, rows, new List<PackageTestCheck>());
        }
        finally
        {
            foreach (string name in machines.Names())
            {
                await new VmStop(machines).RemoveAsync(name, force: true);
            }

            // Trees hold files of other users.
            using Process remove = Process.Start("rm", ["-rf", scratch]);
            await remove.WaitForExitAsync();
        }
    }

    private static async Task MeasureAsync(VmDirectory machines, string scratch, int runs, List<Row> rows, List<PackageTestCheck> checks)
    {
        Distribution distribution = DistributionCatalog.Shipped.Get("debian-12");
        BaseImage? image = null;
        rows.Add(Row.Of("first image of debian-12", await TimeAsync(async () => image = await new DistributionImages(machines).GetAsync(distribution, new DistributionImageOptions()))));
        VmCreationRequest Request(string name) => new(name, image!) { Distribution = distribution.Name };
        async Task StartAsync(string name) => await new VmStart(machines).StartAsync(name, new VmStartOptions { Wait = true, Timeout = s_patience });

        await new VmCreation(machines).CreateAsync(Request("first"));
        rows.Add(Row.Of("second machine of the same kind", await MedianAsync(5, async run => await new VmCreation(machines).CreateAsync(Request($"second{run}")))) with { Target = TimeSpan.FromSeconds(1) });

        // In turn, each time from a new disk; the first of each is not counted.
        await StartAsync("first");
        PlainQemu plain = await PlainQemu.LikeAsync(machines, "first", scratch);
        await new VmStop(machines).StopAsync("first", TimeSpan.Zero, force: true);
        var peers = new List<TimeSpan>();
        var ours = new List<TimeSpan>();
        for (int run = 0; run <= runs; run++)
        {
            TimeSpan peer = await plain.BootAsync(s_patience);
            string name = $"boot{run}";
            await new VmCreation(machines).CreateAsync(Request(name));
            TimeSpan own = await TimeAsync(() => StartAsync(name));
            Accelerator accelerator = (await new VmInspection(machines).GetAsync(name)).Accelerator!.Value;
            await new VmStop(machines).RemoveAsync(name, force: true);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"boot: plain QEMU {peer.TotalSeconds:0.0} s, Omnibus {own.TotalSeconds:0.0} s ({accelerator})"));
            if (run > 0)
            {
                peers.Add(peer);
                ours.Add(own);
            }
        }

        rows.Add(Row.Of("boot to SSH", Median(ours)) with { Peer = Median(peers), Ratio = 1.1 });

        await StartAsync("first");
        await new VmCheckpoints(machines).TakeAsync("first", "clean");
        rows.Add(Row.Of("restore from a live checkpoint to SSH", await MedianAsync(runs, async _ => await new VmCheckpoints(machines).RestoreAsync("first", "clean", s_patience))) with { Target = TimeSpan.FromSeconds(3) });

        GuestRepository repository = await GreeterRepository.MakeAsync(scratch);
        Task LoopAsync(bool keep) => TestAsync(new VmTestTarget(machines, "first", "clean", s_patience), repository, checks, keep);
        rows.Add(Row.Of("restore, install, assert", await MedianAsync(runs, _ => LoopAsync(keep: true))) with { Target = TimeSpan.FromSeconds(10) });
        rows.Add(Row.Of("restore, install, assert, remove", await MedianAsync(runs, _ => LoopAsync(keep: false))) with { Target = TimeSpan.FromSeconds(10) });
        string steps = Steps(checks);

        string? tree = null;
        rows.Add(Row.Of("first root of debian-12", await TimeAsync(async () => tree = await new RootTreeStore(machines).GetAsync(distribution, new DistributionImageOptions()))));
        rows.Add(Row.Of("new root, install, assert, remove (-InChroot)", await MedianAsync(runs, async _ =>
        {
            ChrootTestTarget root = new(machines, "debian-12", tree!);
            await using (root)
            {
                await TestAsync(root, repository, checks);
            }
        })));
        Report.Save("vms", Describe(rows, steps, runs));
    }

    private static async Task TestAsync(IPackageTestTarget target, GuestRepository repository, List<PackageTestCheck> checks, bool keep = false)
    {
        checks.Clear();
        bool passed = await new PackageInstallTest(target, checks.Add).RunAsync(new PackageTestRequest
        {
            Repository = repository,
            Names = ["greeter"],
            KeepInstalled = keep,
            Tests = new InstallTestPlan { Commands = [new SmokeCommand(["greet"], "hello")] },
        });
        if (!passed)
        {
            throw new InvalidOperationException("The test failed: " + string.Join("; ", checks.Where(check => check.Result == PackageTestResult.Failed).Select(check => $"{check.Check}: {check.Transcript}")));
        }
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task<TimeSpan> MedianAsync(int runs, Func<int, Task> work)
    {
        var times = new List<TimeSpan>();
        for (int run = 0; run < runs; run++)
        {
            times.Add(await TimeAsync(() => work(run)));
        }

        return Median(times);
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Steps(IEnumerable<PackageTestCheck> checks) =>
        string.Join(", ", checks.Select(check => string.Create(CultureInfo.InvariantCulture, $"{check.Check} {check.Duration.TotalSeconds:0.0} s")));

    private static string Describe(List<Row> rows, string steps, int runs)
    {
        var text = new StringBuilder("# Machines\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Debian 12, 512 MiB, {VmCreationRequest.DefaultCpus} processors, under TCG or KVM as the host allows. Boots: {runs} of each side in turn, each from a new disk, after one that does not count; the peer is QEMU's plain command line with the same kernel, initial RAM disk and image, and a loop of ssh. Others: medians of {runs} (second machine: 5); images and roots once, from the mirror.\n\n");
        text.Append("| work | time | target | plain QEMU | ratio | target |\n|---|--:|--:|--:|--:|--:|\n");
        foreach (Row row in rows)
        {
            string ratio = row.Peer is { } peer ? (row.Time / peer).ToString("0.00", CultureInfo.InvariantCulture) : "-";
            text.Append(CultureInfo.InvariantCulture, $"| {row.Work} | {Seconds(row.Time)} | {Seconds(row.Target)} | {Seconds(row.Peer)} | {ratio} | {row.Ratio?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-"} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nThe steps of the last test in the machine: {steps}.\n\n{Report.Machine()}\n");
        return text.ToString();
    }

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture) ?? "-";

    private sealed record Row(string Work, TimeSpan Time)
    {
        public TimeSpan? Target { get; init; }

        public TimeSpan? Peer { get; init; }

        public double? Ratio { get; init; }

        public static Row Of(string work, TimeSpan time)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work}: {time.TotalSeconds:0.0} s"));
            return new Row(work, time);
        }
    }
}
