using System.Diagnostics;
using System.Globalization;

namespace Omnibus.Bench.Repositories;

/// <summary>The measured works one after the other in one process, as a program that uses the engine meets them.</summary>
internal static class RunningEngine
{
    /// <summary><c>engine DEBS RPMS ONE SCRATCH RUNS</c>: prints a line of the work's name and seconds for each run but the first.</summary>
    public static async Task RunAsync(string debs, string rpms, string one, string scratch, int runs)
    {
        string[] moreDebs = [.. Directory.GetFiles(one, "*.deb").Order(StringComparer.Ordinal)];
        string[] moreRpms = [.. Directory.GetFiles(one, "*.rpm").Order(StringComparer.Ordinal)];
        for (int run = 0; run <= runs; run++)
        {
            string apt = Path.Combine(scratch, $"apt-{run}");
            string yum = Path.Combine(scratch, $"yum-{run}");
            await MeasureAsync(RunningProcesses.IndexDebs, run, () => RepositoryWork.IndexAsync(debs, Stream.Null));
            await MeasureAsync(RunningProcesses.ImportDebs, run, () => RepositoryWork.PublishAsync(debs, apt));
            await MeasureAsync(RunningProcesses.OneDeb, run, () => RepositoryWork.AddAsync(apt, moreDebs[run]));
            await MeasureAsync(RunningProcesses.IndexRpms, run, () => RepositoryWork.MetadataAsync(rpms, yum + "-metadata"));
            await MeasureAsync(RunningProcesses.ImportRpms, run, () => RepositoryWork.PublishAsync(rpms, yum));
            await MeasureAsync(RunningProcesses.OneRpm, run, () => RepositoryWork.AddAsync(yum, moreRpms[run]));
        }
    }

    private static async Task MeasureAsync(string name, int run, Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        if (run > 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{watch.Elapsed.TotalSeconds:0.000}"));
        }
    }
}
