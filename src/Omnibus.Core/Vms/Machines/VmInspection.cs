using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Qmp;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Looks at machines without changing them.</summary>
public sealed class VmInspection(VmDirectory directory)
{
    private const int LinesInError = 15;

    /// <summary>Looks at one machine.</summary>
    /// <exception cref="OmnibusException"><c>VmNotFound</c> or <c>VmDefinitionInvalid</c>.</exception>
    public async Task<BuildVm> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        VmDefinition machine = directory.Load(name);
        VmFiles files = directory.Files(name);
        VmRun? run = machine.Run is { } recorded && recorded.Process.IsAlive ? recorded : null;
        (VmState state, string? detail) = run is null ? (VmState.Stopped, null) : await StateAsync(files, cancellationToken).ConfigureAwait(false);
        if (run is { Process.IsAlive: false })
        {
            // It died while it was asked.
            (run, state, detail) = (null, VmState.Stopped, null);
        }

        string[] chain = [.. new[] { files.Disk, files.Base }.Where(File.Exists)];
        return new BuildVm
        {
            Name = name,
            State = state,
            StateDetail = detail,
            Distribution = machine.Distribution,
            Architecture = machine.Architecture,
            Memory = (long)machine.MemoryMiB << 20,
            Cpu = machine.Cpus,
            Accelerator = run?.Accelerator,
            AcceleratorReason = run?.AcceleratorReason,
            Addresses = machine.Address is { } address ? [address] : run is null ? [] : ["127.0.0.1"],
            SshPort = run?.SshPort,
            User = machine.User,
            PortForwards = [.. machine.PortForwards, .. run?.PortForwards ?? []],
            Uptime = run is null ? null : DateTimeOffset.UtcNow - run.Started,
            Created = machine.Created,
            DiskChain = chain,
            DiskUsage = chain.Length > 0 ? new FileInfo(files.Disk).Length : 0,
            Checkpoints = machine.Checkpoints,
            LastError = run is null ? WhyEnded(machine, files) : null,
            Path = files.Folder,
        };
    }

    /// <summary>The last lines of a log of a machine, without control characters.</summary>
    /// <exception cref="OmnibusException"><c>VmNotFound</c>.</exception>
    public IReadOnlyList<string> ReadLog(string name, VmLogSource source, int lines)
    {
        directory.Load(name);
        VmFiles files = directory.Files(name);
        string text = LogTail.Read(source == VmLogSource.Qemu ? files.QemuLog : files.ConsoleLog, lines);
        return text.Length == 0 ? [] : text.Split('\n');
    }

    /// <summary>The machine's definition with a QEMU that is gone taken off, and why it went. Call it under the machine's lock.</summary>
    internal VmDefinition LoadCurrent(string name)
    {
        VmDefinition machine = directory.Load(name);
        if (machine.Run is null || machine.Run.Process.IsAlive)
        {
            return machine;
        }

        VmFiles files = directory.Files(name);
        VmDefinition stopped = machine with { Run = null, LastError = WhyEnded(machine, files) };
        File.Delete(PidFile(files));
        directory.Save(stopped);
        return stopped;
    }

    /// <summary>The machine's definition when it runs.</summary>
    /// <exception cref="OmnibusException"><c>VmNotRunning</c>, with why it ended where it crashed.</exception>
    internal (VmDefinition Machine, VmRun Run) RequireRunning(string name)
    {
        VmDefinition machine = directory.Load(name);
        if (machine.Run is { } run && run.Process.IsAlive)
        {
            return (machine, run);
        }

        string? why = WhyEnded(machine, directory.Files(name));
        throw new OmnibusException("VmNotRunning", ErrorKind.Conflict, $"The machine '{name}' does not run.{(why is null ? string.Empty : " " + why)}", name, "Start it with Start-BuildVm.");
    }

    /// <summary>QEMU removes this file when it ends in order; one that is left tells of a crash.</summary>
    internal static string PidFile(VmFiles files) => Path.Combine(files.RuntimeFolder, "pid");

    private static string? WhyEnded(VmDefinition machine, VmFiles files)
    {
        if (machine.Run is not { } run)
        {
            return machine.LastError;
        }

        bool sameBoot = RunningProcess.Find(Environment.ProcessId)?.HostBoot == run.Process.HostBoot;
        if (!sameBoot)
        {
            return "The host was started again while the machine ran.";
        }

        if (!File.Exists(PidFile(files)))
        {
            // The guest shut itself down.
            return null;
        }

        string qemu = LogTail.Read(files.QemuLog, LinesInError);
        string console = LogTail.Read(files.ConsoleLog, LinesInError);
        return "Its QEMU ended unexpectedly."
            + (qemu.Length > 0 ? $"\nQEMU's last words:\n{qemu}" : string.Empty)
            + (console.Length > 0 ? $"\nThe end of its console:\n{console}" : string.Empty);
    }

    private static async Task<(VmState State, string? Detail)> StateAsync(VmFiles files, CancellationToken cancellationToken)
    {
        try
        {
            QmpClient client = await QmpClient.ConnectAsync(files.StatusSocket, TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false);
            await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = client.ConfigureAwait(false);
            JsonElement answer = await client.ExecuteAsync("query-status", null, cancellationToken).WaitAsync(TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false);
            string status = answer.GetProperty("status").GetString() ?? string.Empty;
            return status switch
            {
                "running" or "prelaunch" or "restore-vm" or "save-vm" => (VmState.Running, null),
                "io-error" => (VmState.Paused, "The disk of the host is full or failed; make room and continue with Start-BuildVm."),
                _ => (VmState.Paused, status),
            };
        }
        catch (Exception e) when (e is OmnibusException or TimeoutException)
        {
            // QEMU is alive but busy, as while it saves its memory.
            return (VmState.Running, null);
        }
    }
}
