using System.Diagnostics;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>A server that a test starts. It ends with the test process, even when that is killed: its guard waits on our end of a pipe.</summary>
internal sealed class Daemon : IDisposable
{
    // The guard's standard input closes when we end, however we end.
    private const string Guard = "\"$@\" </dev/null & server=$!; read -r _; kill \"$server\" 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"$server\" 2>/dev/null || exit 0; sleep 0.3; done; kill -9 \"$server\"";
    private readonly Process _guard;
    private readonly string _log;

    public Daemon(string log, string program, params IEnumerable<string> arguments)
    {
        _log = log;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "-c", $"exec >>\"$LOG\" 2>&1; {Guard}", "guard", program }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LOG"] = log;
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        _guard = Process.Start(start)!;
    }

    /// <summary>The end of what the server said.</summary>
    public string Log => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(30)) : string.Empty;

    public void Dispose()
    {
        _guard.StandardInput.Close();
        if (!_guard.WaitForExit(10_000))
        {
            _guard.Kill(entireProcessTree: true);
        }

        _guard.Dispose();
    }
}
