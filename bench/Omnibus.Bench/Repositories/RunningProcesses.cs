using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Omnibus.Bench.Repositories;

/// <summary>The engine alone, and the cmdlets, each in a process that runs already, beside the peers' times of the same run.</summary>
internal static class RunningProcesses
{
    public const string IndexDebs = "index of 5,000 debs";
    public const string ImportDebs = "import and publish 5,000 debs";
    public const string OneDeb = "one deb more";
    public const string IndexRpms = "metadata of 3,000 rpms";
    public const string ImportRpms = "import and publish 3,000 rpms";
    public const string OneRpm = "one rpm more";

    private static readonly string[] s_works = [IndexDebs, ImportDebs, OneDeb, IndexRpms, ImportRpms, OneRpm];

    /// <summary>Measures both.</summary>
    /// <returns>A paragraph and a table for the report.</returns>
    public static async Task<string> MeasureAsync(string scratch, string program, string debs, string rpms, int runs, IReadOnlyList<ComparisonResult> peers)
    {
        string root = Path.GetDirectoryName(Report.BenchFolder())!;
        string manifest = Directory.EnumerateFiles(Path.Combine(root, "out", "Omnibus"), "Omnibus.psd1", SearchOption.AllDirectories).FirstOrDefault()
            ?? throw new InvalidOperationException("Build the module first: ./build.sh module");
        string one = Path.Combine(scratch, "one-more");
        await RepositoryWork.MakePackagesAsync("Deb", one, runs + 1, first: 200_000);
        await RepositoryWork.MakePackagesAsync("Rpm", one, runs + 1, first: 200_000);
        string number = runs.ToString(CultureInfo.InvariantCulture);
        Dictionary<string, double> engine = await RunAsync(program, "repository", "engine", debs, rpms, one, NewFolder(scratch, "engine"), number);
        Dictionary<string, double> cmdlets = await RunAsync(
            "pwsh", "-NoProfile", "-NonInteractive", "-File", Path.Combine(Report.BenchFolder(), "repository-cmdlets.ps1"), manifest, debs, rpms, one, NewFolder(scratch, "cmdlets"), number);

        var text = new StringBuilder("\n\nIn processes that run already (medians; the peers as below):\n\n| work | engine alone | cmdlet | beside |\n|---|--:|--:|---|\n");
        foreach (string work in s_works)
        {
            IEnumerable<string> beside = peers
                .Where(p => p.Comparison.Title.TrimEnd() == work)
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Comparison.Peer.Name} {p.Peer.Elapsed.TotalSeconds:0.00} s: engine {engine[work] / p.Peer.Elapsed.TotalSeconds:0.00}{Ratio(cmdlets, work, p)}"));
            text.Append(CultureInfo.InvariantCulture, $"| {work} | {engine[work]:0.000} s | {(cmdlets.TryGetValue(work, out double cmdlet) ? $"{cmdlet:0.000} s" : "-")} | {string.Join("; ", beside)} |\n");
        }

        return text.ToString();
    }

    private static string Ratio(Dictionary<string, double> cmdlets, string work, ComparisonResult peer) =>
        cmdlets.TryGetValue(work, out double cmdlet) ? string.Create(CultureInfo.InvariantCulture, $", cmdlet {cmdlet / peer.Peer.Elapsed.TotalSeconds:0.00}") : string.Empty;

    private static string NewFolder(string scratch, string name) => Directory.CreateDirectory(Path.Combine(scratch, name)).FullName;

    // Lines of a name and seconds.
    private static async Task<Dictionary<string, double>> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
        }

        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .GroupBy(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture))
            .ToDictionary(work => work.Key, work => work.Order().ElementAt(work.Count() / 2));
    }
}
