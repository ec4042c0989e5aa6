using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Omnibus.Bench;

/// <summary>Prints results as a table and keeps them under bench/results.</summary>
internal static class Report
{
    /// <summary>Writes the table of a benchmark.</summary>
    /// <param name="name">File name under bench/results, without extension.</param>
    /// <param name="title">Heading.</param>
    /// <param name="work">What was done, in a few sentences.</param>
    /// <param name="results">One row each.</param>
    /// <param name="runs">Measured runs of each side.</param>
    public static void Write(string name, string title, string work, IReadOnlyList<ComparisonResult> results, int runs)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# {title}").AppendLine();
        text.AppendLine(work).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{runs} runs each, in turn, after one that does not count; medians; memory is the greatest peak (VmHWM) of one process.");
        text.AppendLine(Machine()).AppendLine();
        text.AppendLine("| work | peer | time | memory | Omnibus time | Omnibus memory | time ratio | target | size ratio |");
        text.AppendLine("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        foreach (ComparisonResult result in results)
        {
            string ratio = result.TimeRatio.ToString("0.00", CultureInfo.InvariantCulture);
            string size = result.SizeRatio?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
            text.AppendLine(CultureInfo.InvariantCulture, $"| {result.Comparison.Title} | {result.Comparison.Peer.Name} | {Seconds(result.Peer)} | {Megabytes(result.Peer)} | {Seconds(result.Omnibus)} | {Megabytes(result.Omnibus)} | {ratio} | {result.Comparison.TimeTarget:0.0#} | {size} |");
        }

        Save(name, text.ToString());
    }

    /// <summary>What it was measured on.</summary>
    public static string Machine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, load average at the end {Load()} (the runs themselves included).");

    /// <summary>Prints a result and keeps it under bench/results.</summary>
    public static void Save(string name, string text)
    {
        string path = Path.Combine(Folder(), $"{name}.md");
        File.WriteAllText(path, text);
        Console.WriteLine(text);
        Console.WriteLine($"Written to {path}.");
    }

    /// <summary>The bench folder of the checkout.</summary>
    public static string BenchFolder()
    {
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Omnibus.sln")))
            {
                return Path.Combine(folder.FullName, "bench");
            }
        }

        throw new InvalidOperationException("Run it inside a checkout.");
    }

    private static string Folder() => Directory.CreateDirectory(Path.Combine(BenchFolder(), "results")).FullName;

    private static string Seconds(Measurement m) => m.Elapsed.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);

    private static string Megabytes(Measurement m) => (m.PeakMemory / 1_000_000.0).ToString("0 MB", CultureInfo.InvariantCulture);

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
