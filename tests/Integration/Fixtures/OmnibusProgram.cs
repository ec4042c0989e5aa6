using System.Diagnostics;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>The program <c>omnibus</c>, as a user runs it.</summary>
internal static class OmnibusProgram
{
    /// <summary>Its file.</summary>
    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "omnibus");

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables beside the tests' own.</param>
    /// <param name="prefix">Program and arguments that run it (another user, another root).</param>
    public static async Task<Result> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, params string[] prefix)
    {
        using Process process = Start(arguments, environment, prefix);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Result(process.ExitCode, await output, await error);
    }

    /// <summary>Starts it.</summary>
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, params string[] prefix)
    {
        string[] command = [.. prefix, Path, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>What it left.</summary>
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        public override string ToString() => $"exit code {ExitCode}\n{Output}{Error}";
    }
}
