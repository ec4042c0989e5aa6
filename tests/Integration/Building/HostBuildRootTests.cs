using System.Diagnostics;
using Omnibus.Core.Building;
using Omnibus.Core.Processes;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Building;

public sealed class HostBuildRootTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly HostBuildRoot _root;

    public HostBuildRootTests() => _root = new HostBuildRoot(_scratch.Folder("root"));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_root_works_on_this_machine() => await _root.ProbeAsync(CancellationToken.None);

    [Fact]
    public async Task A_command_sees_only_the_variables_that_it_was_given()
    {
        ProgramResult result = await Run(new BuildCommand("/usr/bin/env", []) { Environment = new Dictionary<string, string> { ["GREETING"] = "two words", ["TZ"] = "Asia/Tokyo" } });
        string[] names = [.. result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')[0]).Where(n => n is not ("PWD" or "SHLVL" or "_" or "OLDPWD")).Order(StringComparer.Ordinal)];
        Assert.Equal(BuildRootPaths.BaseEnvironment.Keys.Append("GREETING").Order(StringComparer.Ordinal), names);
        Assert.Contains("GREETING=two words\n", result.StandardOutput);
        Assert.Contains("TZ=Asia/Tokyo\n", result.StandardOutput);
    }

    [Fact]
    public async Task Opt_of_the_machine_is_neither_seen_nor_written()
    {
        string name = "omnibus-test-" + Guid.NewGuid().ToString("N")[..8];
        ProgramResult result = await Run(new BuildCommand("/bin/sh", ["-c", $"ls /opt | wc -l; mkdir -p /opt/{name}/sub && echo made"]));
        Assert.Equal("0\nmade\n", result.StandardOutput);
        Assert.False(Directory.Exists("/opt/" + name));
    }

    [Fact]
    public async Task Usr_cannot_be_written_even_by_root()
    {
        ProgramResult result = await Run(new BuildCommand("/usr/bin/touch", ["/usr/omnibus-test"]));
        Assert.NotEqual(0, result.ExitCode);
        Assert.False(File.Exists("/usr/omnibus-test"));
    }

    [Fact]
    public async Task What_is_mounted_for_reading_cannot_be_written()
    {
        string folder = _scratch.Folder("source");
        ProgramResult result = await Run(new BuildCommand("/usr/bin/touch", [BuildRootPaths.Source + "/file"]) { Mounts = [new BuildMount(folder, BuildRootPaths.Source)] });
        Assert.NotEqual(0, result.ExitCode);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task Without_network_there_is_no_interface_but_loopback()
    {
        ProgramResult result = await Run(new BuildCommand("/bin/cat", ["/proc/net/dev"]));
        string[] interfaces = [.. result.StandardOutput.Split('\n').Where(l => l.Contains(':', StringComparison.Ordinal)).Select(l => l.Split(':')[0].Trim())];
        Assert.All(interfaces, i => Assert.Equal("lo", i));
    }

    [Fact]
    public async Task Files_get_the_same_modes_whatever_the_callers_umask()
    {
        string folder = _scratch.Folder("out");
        await Run(new BuildCommand("/bin/sh", ["-c", "umask; mkdir /out/dir; : > /out/file"]) { Mounts = [new BuildMount(folder, "/out", Writable: true)] });
        Assert.Equal("rw-r--r--", Mode(Path.Combine(folder, "file")));
        Assert.Equal("rwxr-xr-x", Mode(Path.Combine(folder, "dir")));
    }

    [Fact]
    public async Task Cancellation_ends_every_process_within_a_second()
    {
        string marker = Guid.NewGuid().ToString("N");
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        Task<ProgramResult> run = _root.RunAsync(
            new BuildCommand("/bin/sh", ["-c", $"(exec -a {marker} sleep 600) & setsid sh -c 'exec sleep 600' {marker} & echo ready; wait"]) { OnLine = _ => started.TrySetResult() },
            null,
            stop.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
        await Eventually(() => !CommandLines().Any(c => c.Contains(marker, StringComparison.Ordinal)));
    }

    private static async Task Eventually(Func<bool> condition)
    {
        for (int i = 0; i < 100 && !condition(); i++)
        {
            await Task.Delay(100);
        }

        Assert.True(condition());
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            string line = string.Empty;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }

            yield return line;
        }
    }

    private static string Mode(string path) =>
        string.Concat(Enumerable.Range(0, 9).Select(i => ((int)File.GetUnixFileMode(path) & (1 << (8 - i))) != 0 ? "rwxrwxrwx"[i] : '-'));

    private Task<ProgramResult> Run(BuildCommand command) => _root.RunAsync(command, null, CancellationToken.None);
}
