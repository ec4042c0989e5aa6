using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Processes;

/// <summary>The only place that starts another program.</summary>
public static class ProgramRunner
{
    // Output is read whole but kept bounded: a program that talks for ever must not fill our memory.
    private const int OutputLimit = 64 * 1024 * 1024;
    private const int ErrorTail = 256 * 1024;

    // Programs that Debian and Fedora ship in a package of another name.
    private static readonly Dictionary<string, string> s_packageOf = new(StringComparer.Ordinal)
    {
        ["bwrap"] = "bubblewrap",
        ["qemu-img"] = "qemu-utils (Debian) or qemu-img (Fedora)",
        ["qemu-system-x86_64"] = "qemu-system-x86 (Debian) or qemu-kvm (Fedora)",
        ["mke2fs"] = "e2fsprogs",
        ["ssh"] = "openssh-client (Debian) or openssh-clients (Fedora)",
        ["scp"] = "openssh-client (Debian) or openssh-clients (Fedora)",
        ["ssh-keygen"] = "openssh-client (Debian) or openssh-clients (Fedora)",
        ["gpg"] = "gnupg",
        ["newuidmap"] = "uidmap (Debian) or shadow-utils (Fedora)",
    };

    // Admin tools live in sbin, which is not on every user's PATH.
    private static string SearchPath => System.Environment.GetEnvironmentVariable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin";

    /// <summary>Finds a program in PATH.</summary>
    /// <returns>Its absolute path, or null.</returns>
    public static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return IsExecutable(program) ? program : null;
        }

        return SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsExecutable);
    }

    /// <summary>Finds a program in PATH, or says which package brings it.</summary>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c>.</exception>
    public static string Require(string program) => Find(program) ?? throw new OmnibusException(
        "ProgramMissing",
        ErrorKind.MissingDependency,
        $"The program '{program}' is not installed.",
        program,
        $"Install the package {s_packageOf.GetValueOrDefault(program, program)} with the distribution's package manager.");

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="progress">Told the command line before it starts.</param>
    /// <param name="cancellationToken">Ends the program and everything that it started.</param>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c>, <c>ProgramFailed</c> (exit code not among the successes; the end of its log is in the message) or <c>ProgramTimeout</c>.</exception>
    public static async Task<ProgramResult> RunAsync(ProgramCommand command, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ProgramResult result = await TryRunAsync(command, progress, cancellationToken).ConfigureAwait(false);
        if (!command.SuccessCodes.Contains(result.ExitCode))
        {
            string log = Tail(result.StandardError.Length > 0 ? result.StandardError : result.StandardOutput, 20);
            throw new OmnibusException(
                "ProgramFailed",
                ErrorKind.ProgramFailed,
                $"'{Path.GetFileName(command.Program)}' ended with exit code {result.ExitCode}.{(log.Length > 0 ? "\n" + log : string.Empty)}",
                command.ToString());
        }

        return result;
    }

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<ProgramResult> TryRunAsync(ProgramCommand command, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ProcessStartInfo start = CreateStartInfo(command);
        progress?.Report(command.AsProgress(Path.GetFileName(command.Program)));
        using var process = new Process { StartInfo = start };
        var watch = Stopwatch.StartNew();
        try
        {
            await StarterThread.StartAsync(process).ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw new OmnibusException("ProgramNotStarted", ErrorKind.ProgramFailed, $"'{command.Program}' could not be started: {e.Message}", command.Program, inner: e);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (command.Timeout is { } timeout)
        {
            deadline.CancelAfter(timeout);
        }

        var output = new StringBuilder();
        var error = new StringBuilder();
        Task reading = Task.WhenAll(
            ReadOutputAsync(process, command, output, deadline.Token),
            ReadLinesAsync(process.StandardError, error, command.OnLine, keepEnd: true, deadline.Token),
            WriteInputAsync(process, command.StandardInput, deadline.Token));
        try
        {
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await KillAsync(process).ConfigureAwait(false);
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new OmnibusException(
                    "ProgramTimeout",
                    ErrorKind.Timeout,
                    $"'{Path.GetFileName(command.Program)}' did not end within {command.Timeout!.Value.TotalSeconds:0.#} s.\n{Tail(error.ToString(), 20)}",
                    command.ToString(),
                    inner: e);
            }

            throw;
        }

        return new ProgramResult(process.ExitCode, output.ToString(), error.ToString(), watch.Elapsed);
    }

    private static ProcessStartInfo CreateStartInfo(ProgramCommand command)
    {
        var start = new ProcessStartInfo(Require(command.Program))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory ?? string.Empty,
        };
        foreach (string argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (!command.InheritEnvironment)
        {
            string?[] kept = ["HOME", "TMPDIR"];
            var values = kept.ToDictionary(name => name!, name => System.Environment.GetEnvironmentVariable(name!), StringComparer.Ordinal);
            start.Environment.Clear();
            foreach ((string name, string? value) in values)
            {
                if (value is not null)
                {
                    start.Environment[name] = value;
                }
            }

            start.Environment["PATH"] = SearchPath;
            start.Environment["LC_ALL"] = "C.UTF-8";
        }

        foreach ((string name, string? value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task ReadOutputAsync(Process process, ProgramCommand command, StringBuilder output, CancellationToken cancellationToken)
    {
        if (command.StandardOutputTo is { } target)
        {
            await process.StandardOutput.BaseStream.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            return;
        }

        await ReadLinesAsync(process.StandardOutput, output, command.OnLine, keepEnd: false, cancellationToken).ConfigureAwait(false);
    }

    private static async Task ReadLinesAsync(StreamReader reader, StringBuilder kept, Action<string>? onLine, bool keepEnd, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            onLine?.Invoke(line);
            if (keepEnd || kept.Length < OutputLimit)
            {
                kept.Append(line).Append('\n');
            }

            if (keepEnd && kept.Length > 2 * ErrorTail)
            {
                kept.Remove(0, kept.Length - ErrorTail);
            }
        }
    }

    private static async Task WriteInputAsync(Process process, Stream? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null)
            {
                await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken).ConfigureAwait(false);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of it: its exit code tells the story.
        }
    }

    private static async Task KillAsync(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or TimeoutException)
        {
            // Already gone.
        }
    }

    private static string Tail(string text, int lines)
    {
        string[] all = text.TrimEnd('\n').Split('\n');
        return string.Join('\n', all.Skip(Math.Max(0, all.Length - lines)));
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
