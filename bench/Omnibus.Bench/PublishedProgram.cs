using System.Diagnostics;

namespace Omnibus.Bench;

/// <summary>This program as it is measured: published on its own and compiled ahead of time, like the module.</summary>
internal static class PublishedProgram
{
    /// <summary>Publishes it into a folder.</summary>
    /// <returns>The program.</returns>
    /// <exception cref="InvalidOperationException">It cannot be built.</exception>
    public static async Task<string> MakeAsync(string folder)
    {
        string project = Path.Combine(Report.BenchFolder(), "Omnibus.Bench", "Omnibus.Bench.csproj");
        var start = new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "--use-current-runtime", "--self-contained", "false", "-v", "quiet", "-nologo", "-o", folder])
        {
            RedirectStandardOutput = true,
        };
        using Process publish = Process.Start(start)!;
        string log = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0
            ? Path.Combine(folder, "Omnibus.Bench")
            : throw new InvalidOperationException($"dotnet publish failed:\n{log}");
    }
}
