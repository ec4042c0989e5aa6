using System.Text.Json;
using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>The built module in a PowerShell of its own.</summary>
internal static class PowerShellProgram
{
    /// <summary>Runs a script with the module imported; every stream is in what comes back.</summary>
    /// <param name="script">The script.</param>
    /// <param name="folder">A folder for it.</param>
    /// <param name="environment">All variables but PATH and HOME.</param>
    public static async Task<ProgramResult> RunAsync(string script, ScratchFolder folder, IReadOnlyDictionary<string, string?> environment)
    {
        string module = Directory.GetFiles(Checkout.PathOf("out", "Omnibus"), "Omnibus.psd1", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new InvalidOperationException("The module is not built: run ./build.sh module first.");
        string file = folder.Write($"{Guid.NewGuid():n}.ps1", $"$ErrorActionPreference = 'Stop'\nSet-StrictMode -Version Latest\nImport-Module '{module}'\n{script}\n");
        return await ProgramRunner.TryRunAsync(new ProgramCommand("pwsh", ["-NoProfile", "-NonInteractive", "-File", file])
        {
            Environment = new Dictionary<string, string?>(environment)
            {
                ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
                ["HOME"] = folder.Folder("home"),
                ["NO_COLOR"] = "1",
            },
            Timeout = TimeSpan.FromMinutes(4),
        });
    }

    /// <summary>Runs a script that writes one JSON document, and reads it.</summary>
    public static async Task<JsonElement> ReadAsync(string script, ScratchFolder folder, IReadOnlyDictionary<string, string?> environment)
    {
        ProgramResult result = await RunAsync(script, folder, environment);
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.StandardOutput}{result.StandardError}");
        return JsonDocument.Parse(result.StandardOutput).RootElement;
    }
}
