using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Guests;

/// <summary>Reaches guests through OpenSSH's client: runs commands, copies files, waits until a guest answers.</summary>
public sealed class GuestAccess(VmDirectory directory)
{
    // The kernel's limit for one argument is 128 KiB (MAX_ARG_STRLEN); quoting takes some of it.
    private const int CommandLimit = 120 * 1024;

    private readonly VmInspection _inspection = new(directory);

    /// <summary>Runs a command and returns what it left behind, whatever its exit code.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="command">What to run.</param>
    /// <param name="progress">Told the command line of ssh.</param>
    /// <param name="cancellationToken">Ends the connection, and with it the command.</param>
    /// <exception cref="OmnibusException"><c>VmNotRunning</c>, <c>GuestCommandTooLong</c>, <c>GuestUnreachable</c>, <c>SshKeyLost</c> or <c>ProgramTimeout</c>.</exception>
    public async Task<GuestCommandResult> RunAsync(string name, GuestCommand command, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        (VmDefinition machine, VmRun run) = _inspection.RequireRunning(name);
        VmFiles files = directory.Files(name);
        RequireKey(name, files);
        string remote = RemoteCommand(command);
        if (remote.Length > CommandLimit)
        {
            throw new OmnibusException("GuestCommandTooLong", ErrorKind.InvalidArgument, $"The command for '{name}' is longer than {CommandLimit} bytes.", name, "Copy it into the guest with Copy-BuildVmItem and run the copy.");
        }

        string user = command.User ?? machine.User;
        var ssh = new ProgramCommand("ssh", [.. Options(files, run.SshPort), "-T", "-p", Port(run.SshPort), $"{user}@{Address(machine)}", remote])
        {
            StandardInput = command.StandardInput,
            OnLine = command.OnLine,
            Timeout = command.Timeout,
        };
        ProgramResult result = await ProgramRunner.TryRunAsync(ssh, progress, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 255 && IsOfSsh(result.StandardError))
        {
            // The QEMU may have died meanwhile: that says more than a broken connection.
            _inspection.RequireRunning(name);
            throw new OmnibusException("GuestUnreachable", ErrorKind.Connection, $"The machine '{name}' cannot be reached by SSH: {result.StandardError.Trim()}", name, "Look at its console with Get-BuildVmLog.");
        }

        return new GuestCommandResult(name, command.Script, result.ExitCode, result.StandardOutput, result.StandardError, result.Duration);
    }

    /// <summary>Runs a script as root and fails unless it succeeds.</summary>
    /// <exception cref="OmnibusException"><c>GuestCommandFailed</c>, and those of <see cref="RunAsync"/>.</exception>
    internal async Task<GuestCommandResult> RequireAsync(string name, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        GuestCommandResult result = await RunAsync(name, new GuestCommand(script) { Arguments = arguments, User = "root" }, progress, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result
            : throw new OmnibusException("GuestCommandFailed", ErrorKind.ProgramFailed, $"A command in '{name}' ended with exit code {result.ExitCode}.\n{result.StandardError.Trim()}", name);
    }

    /// <summary>Copies files and folders into a guest.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="sources">Absolute paths on the host.</param>
    /// <param name="destination">Path in the guest.</param>
    /// <param name="user">Who writes there; null for the machine's own user.</param>
    /// <param name="progress">Told the command line of scp.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    /// <exception cref="OmnibusException"><c>CopyFailed</c>, <c>VmNotRunning</c> or <c>SshKeyLost</c>.</exception>
    public Task CopyToAsync(string name, IReadOnlyList<string> sources, string destination, string? user = null, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        CopyAsync(name, user, remote => [.. sources, $"{remote}:{destination}"], progress, cancellationToken);

    /// <summary>Copies a file or folder out of a guest.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="sources">Paths in the guest; wildcards are expanded there.</param>
    /// <param name="destination">Absolute path on the host.</param>
    /// <param name="user">Who reads them; null for the machine's own user.</param>
    /// <param name="progress">Told the command line of scp.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    /// <exception cref="OmnibusException"><c>CopyFailed</c>, <c>VmNotRunning</c> or <c>SshKeyLost</c>.</exception>
    public Task CopyFromAsync(string name, IReadOnlyList<string> sources, string destination, string? user = null, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        CopyAsync(name, user, remote => [.. sources.Select(source => $"{remote}:{source}"), destination], progress, cancellationToken);

    /// <summary>Waits until the guest's SSH server answers and lets us in.</summary>
    /// <exception cref="OmnibusException"><c>GuestNotAnswering</c> with the end of its console, or <c>VmNotRunning</c> when QEMU ended.</exception>
    public async Task WaitAsync(string name, TimeSpan timeout, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        VmFiles files = directory.Files(name);
        RequireKey(name, files);
        while (true)
        {
            (VmDefinition machine, VmRun run) = _inspection.RequireRunning(name);
            if (await HasBannerAsync(Address(machine), run.SshPort, cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    if ((await RunAsync(name, new GuestCommand("true") { Timeout = TimeSpan.FromSeconds(60) }, progress, cancellationToken).ConfigureAwait(false)).ExitCode == 0)
                    {
                        return;
                    }
                }
                catch (OmnibusException e) when (e.Id is "GuestUnreachable" or "ProgramTimeout" && Environment.TickCount64 < deadline)
                {
                    // The server answers before users may log in.
                }
            }

            if (Environment.TickCount64 >= deadline)
            {
                string console = LogTail.Read(files.ConsoleLog, 20);
                throw new OmnibusException(
                    "GuestNotAnswering",
                    ErrorKind.Timeout,
                    $"The guest '{name}' did not answer by SSH within {timeout.TotalSeconds:0} s. {(console.Length > 0 ? $"The end of its console:\n{console}" : "Its console is empty.")}",
                    name,
                    "The machine was left running: look with Get-BuildVmLog, then Stop-BuildVm -Force. Give more time with -Timeout.");
            }

            progress?.Report(new OperationProgress(name, "waiting for the guest") { Item = LogTail.Read(files.ConsoleLog, 1) });
            await Task.Delay(150, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The command line of an interactive login, for the caller to run on the terminal.</summary>
    /// <exception cref="OmnibusException"><c>VmNotRunning</c> or <c>SshKeyLost</c>.</exception>
    public ProgramCommand LoginCommand(string name, string? user = null)
    {
        (VmDefinition machine, VmRun run) = _inspection.RequireRunning(name);
        VmFiles files = directory.Files(name);
        RequireKey(name, files);
        return new ProgramCommand(ProgramRunner.Require("ssh"), [.. Options(files, run.SshPort), "-t", "-p", Port(run.SshPort), $"{user ?? machine.User}@{Address(machine)}"]);
    }

    /// <summary>Ends the shared connection: its other end is gone after a stop or a restore.</summary>
    internal async Task DisconnectAsync(string name, CancellationToken cancellationToken)
    {
        VmFiles files = directory.Files(name);
        if (!Directory.Exists(files.RuntimeFolder))
        {
            return;
        }

        foreach (string socket in Directory.EnumerateFiles(files.RuntimeFolder, "ssh-*"))
        {
            try
            {
                await ProgramRunner.TryRunAsync(
                    new ProgramCommand("ssh", ["-F", "none", "-o", $"ControlPath={socket}", "-O", "exit", "guest"]) { Timeout = TimeSpan.FromSeconds(5) },
                    null,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (OmnibusException)
            {
                // It is gone, or will end by itself.
            }

            File.Delete(socket);
        }
    }

    /// <summary>The text that the guest's login shell gets: everything in single quotes, in which a POSIX shell leaves each byte alone.</summary>
    internal static string RemoteCommand(GuestCommand command) =>
        string.Join(' ', new[] { "exec", "bash", "-c", Quote(command.Script), "bash" }.Concat(command.Arguments.Select(Quote)));

    private static string Quote(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new OmnibusException("GuestCommandInvalid", ErrorKind.InvalidArgument, "A command for a guest holds a NUL character.")
        : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private async Task CopyAsync(string name, string? user, Func<string, IReadOnlyList<string>> paths, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        (VmDefinition machine, VmRun run) = _inspection.RequireRunning(name);
        VmFiles files = directory.Files(name);
        RequireKey(name, files);
        var scp = new ProgramCommand("scp", [.. Options(files, run.SshPort), "-r", "-p", "-q", "-P", Port(run.SshPort), "--", .. paths($"{user ?? machine.User}@{Address(machine)}")]);
        ProgramResult result = await ProgramRunner.TryRunAsync(scp, progress, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new OmnibusException("CopyFailed", ErrorKind.Storage, $"Files could not be copied to or from '{name}': {result.StandardError.Trim()}", name);
        }
    }

    private static string[] Options(VmFiles files, int port) =>
    [
        "-F", "none",
        "-i", files.PrivateKey,
        "-o", "IdentitiesOnly=yes",
        "-o", "BatchMode=yes",
        "-o", $"UserKnownHostsFile={files.KnownHosts}",
        "-o", "GlobalKnownHostsFile=none",
        "-o", "StrictHostKeyChecking=accept-new",
        "-o", "HostKeyAlias=guest",
        "-o", "ConnectTimeout=20",
        "-o", "ServerAliveInterval=20",
        "-o", "LogLevel=ERROR",
        "-o", "ControlMaster=auto",
        "-o", string.Create(CultureInfo.InvariantCulture, $"ControlPath={files.SshSocket}-%r-{port}"),
        "-o", "ControlPersist=90",
    ];

    private static string Port(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static string Address(VmDefinition machine) => machine.Address ?? "127.0.0.1";

    /// <summary>Refuses a machine that nobody could log in to.</summary>
    /// <exception cref="OmnibusException"><c>SshKeyLost</c>.</exception>
    internal static void RequireKey(string name, VmFiles files)
    {
        if (new[] { files.PrivateKey, files.PublicKey }.FirstOrDefault(key => !File.Exists(key)) is { } lost)
        {
            throw new OmnibusException("SshKeyLost", ErrorKind.NotFound, $"The key of the machine '{name}' is gone: '{lost}'.", name, "Put it back, or make the machine anew.");
        }
    }

    // 255 is ssh's own failure, but a command may end with it too.
    private static bool IsOfSsh(string error) =>
        error.StartsWith("ssh: ", StringComparison.Ordinal)
        || error.Contains("onnection ", StringComparison.Ordinal)
        || error.Contains("Permission denied (", StringComparison.Ordinal)
        || error.Contains("Host key verification failed", StringComparison.Ordinal)
        || error.Contains("kex_exchange_identification", StringComparison.Ordinal)
        || error.Contains("mux_client", StringComparison.Ordinal)
        || error.Contains("Timeout, server", StringComparison.Ordinal);

    // User networking accepts a connection before the guest has one to give: only the banner tells.
    private static async Task<bool> HasBannerAsync(string address, int port, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Parse(address), port, deadline.Token).ConfigureAwait(false);
            byte[] banner = new byte[4];
            await client.GetStream().ReadExactlyAsync(banner, deadline.Token).ConfigureAwait(false);
            return banner.AsSpan().SequenceEqual("SSH-"u8);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
