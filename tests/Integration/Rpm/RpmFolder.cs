using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;
using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Rpm;

/// <summary>A folder of its own for one test, with the programs that judge packages.</summary>
internal sealed class RpmFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("omnibus-rpm-").FullName;

    /// <summary>An empty root with a package database.</summary>
    public string Root => System.IO.Path.Combine(Path, "root");

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public Task<PackageFile> WriteAsync(PackageDefinition definition, CompressionSettings? compression = null, string folder = ".")
    {
        string target = Directory.CreateDirectory(At(folder)).FullName;
        var options = new PackageWriteOptions(compression ?? new CompressionSettings(CompressionKind.Zstd, 3));
        return new RpmFormat().WriteAsync(definition, target, options, CancellationToken.None);
    }

    /// <summary>Runs a program; its output, both streams.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand(program, arguments) { Timeout = TimeSpan.FromMinutes(3) });
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }

    /// <summary>Runs rpm on the root. Debian's rpm asks to be sure before it installs.</summary>
    public async Task<(int ExitCode, string Output)> TryRpmAsync(params string[] arguments)
    {
        Directory.CreateDirectory(Root);
        bool isRoot = Environment.IsPrivilegedProcess;
        string[] all = [.. isRoot ? Array.Empty<string>() : ["-r", "rpm"], "--root", Root, "--define", "_dbpath /var/lib/rpm", .. arguments];
        ProgramResult result = await ProgramRunner.TryRunAsync(new ProgramCommand(isRoot ? "rpm" : "unshare", all) { Timeout = TimeSpan.FromMinutes(3) });
        return (result.ExitCode, result.StandardOutput + result.StandardError);
    }

    public async Task<string> RpmAsync(params string[] arguments)
    {
        (int exitCode, string output) = await TryRpmAsync(arguments);
        Assert.True(exitCode == 0, $"rpm {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
