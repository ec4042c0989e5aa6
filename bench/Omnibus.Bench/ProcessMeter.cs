using System.Diagnostics;
using System.Globalization;

namespace Omnibus.Bench;

/// <summary>Runs a contender and measures time and memory from outside.</summary>
internal static class ProcessMeter
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs it once.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<Measurement> RunAsync(Contender contender)
    {
        contender.Prepare?.Invoke();
        var start = new ProcessStartInfo(contender.Program, contender.Arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in contender.Environment)
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{contender.Program} did not start.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task ended = process.WaitForExitAsync();
        long peak = 0;
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, PeakOfTree(process.Id));
            await Task.WhenAny(ended, Task.Delay(s_interval));
        }

        TimeSpan elapsed = watch.Elapsed;
        await Task.WhenAll(error, output);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{contender.Name} ended with exit code {process.ExitCode}:\n{await error}");
        }

        if (contender.TellsMilliseconds)
        {
            elapsed = TimeSpan.FromMilliseconds(double.Parse(await output, CultureInfo.InvariantCulture));
        }

        return new Measurement(elapsed, peak, contender.ResultSize?.Invoke() ?? 0);
    }

    // The greatest VmHWM of the process and its children: the kernel keeps the peak, so that a sample near the end is enough.
    private static long PeakOfTree(int process)
    {
        long peak = Peak(process);
        try
        {
            foreach (string child in File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                peak = Math.Max(peak, PeakOfTree(int.Parse(child, CultureInfo.InvariantCulture)));
            }
        }
        catch (IOException)
        {
            // It ended meanwhile.
        }

        return peak;
    }

    private static long Peak(int process)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
                }
            }
        }
        catch (IOException)
        {
            // It ended meanwhile.
        }

        return 0;
    }
}
