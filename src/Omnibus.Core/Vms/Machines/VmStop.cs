using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Networks;
using Omnibus.Core.Vms.Qmp;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Stops and removes machines.</summary>
public sealed class VmStop(VmDirectory directory)
{
    private readonly VmInspection _inspection = new(directory);

    /// <summary>Asks the guest to shut down (ACPI power button) and waits; with force, pulls the plug when it does not.</summary>
    /// <param name="name">The machine; one that does not run is fine.</param>
    /// <param name="timeout">How long the guest may take.</param>
    /// <param name="force">Pulls the plug after that time.</param>
    /// <param name="progress">Told what is waited for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="OmnibusException"><c>VmDidNotStop</c>, <c>VmNotFound</c>, <c>VmBusy</c>.</exception>
    public async Task<BuildVm> StopAsync(string name, TimeSpan timeout, bool force = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using (await directory.LockAsync(name, cancellationToken).ConfigureAwait(false))
        {
            VmDefinition machine = _inspection.LoadCurrent(name);
            if (machine.Run is not null)
            {
                await StopLockedAsync(machine, timeout, force, progress, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await DetachAsync(machine, progress, cancellationToken).ConfigureAwait(false);
            }
        }

        return await _inspection.GetAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a machine with its disk and checkpoints.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="force">Removes it even while it runs.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Gives up before anything is removed.</param>
    /// <exception cref="OmnibusException"><c>VmRunning</c>, <c>VmNotFound</c>, <c>VmBusy</c>.</exception>
    public async Task RemoveAsync(string name, bool force = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        VmFiles files = directory.Files(name);
        using VmLock held = await directory.LockAsync(name, force ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(10), cancellationToken).ConfigureAwait(false);
        VmDefinition? machine = null;
        try
        {
            machine = _inspection.LoadCurrent(name);
        }
        catch (OmnibusException e) when (e.Id == "VmDefinitionInvalid" && force)
        {
            // What is damaged can still be removed.
        }

        if (machine?.Run is not null)
        {
            if (!force)
            {
                VmDisks.RequireStopped(machine);
            }

            // Its state is not written: a full disk must not keep a machine from being removed.
            await EndAsync(machine, TimeSpan.Zero, force: true, progress, cancellationToken).ConfigureAwait(false);
        }

        else if (machine is not null)
        {
            await DetachAsync(machine, progress, cancellationToken).ConfigureAwait(false);
        }

        // First out of sight, then away: a half-removed machine is never listed.
        string grave = Path.Combine(directory.DataFolder, $".{name}.{Guid.NewGuid():N}");
        Directory.Move(files.Folder, grave);
        Directory.Delete(grave, recursive: true);
        if (Directory.Exists(files.RuntimeFolder))
        {
            Directory.Delete(files.RuntimeFolder, recursive: true);
        }
    }

    /// <summary>Stops a machine that runs. The caller holds its lock.</summary>
    internal async Task<VmDefinition> StopLockedAsync(VmDefinition machine, TimeSpan timeout, bool force, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        await EndAsync(machine, timeout, force, progress, cancellationToken).ConfigureAwait(false);
        VmDefinition definition = machine with { Run = null, LastError = null };
        directory.Save(definition);
        return definition;
    }

    /// <summary>Pulls the plug of a machine that runs, to start it again. The caller holds its lock.</summary>
    internal async Task<VmDefinition> PullAsync(VmDefinition machine, bool keepNetwork, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        await EndAsync(machine, TimeSpan.Zero, force: true, progress, cancellationToken, keepNetwork).ConfigureAwait(false);
        VmDefinition definition = machine with { Run = null, LastError = null };
        directory.Save(definition);
        return definition;
    }

    private async Task EndAsync(VmDefinition machine, TimeSpan timeout, bool force, IProgress<OperationProgress>? progress, CancellationToken cancellationToken, bool keepNetwork = false)
    {
        VmFiles files = directory.Files(machine.Name);
        RunningProcess process = machine.Run!.Process;
        await new GuestAccess(directory).DisconnectAsync(machine.Name, cancellationToken).ConfigureAwait(false);
        bool stopped = timeout > TimeSpan.Zero && await AskAsync(machine.Name, files, process, timeout, progress, cancellationToken).ConfigureAwait(false);
        if (!stopped)
        {
            if (!force)
            {
                throw new OmnibusException(
                    "VmDidNotStop",
                    ErrorKind.Timeout,
                    $"The guest '{machine.Name}' did not shut down within {timeout.TotalSeconds:0} s.\n{LogTail.Read(files.ConsoleLog, 10)}",
                    machine.Name,
                    "Give it more time with -Timeout, or pull the plug with -Force.");
            }

            await QuitAsync(files, process, cancellationToken).ConfigureAwait(false);
        }

        if (!keepNetwork)
        {
            await DetachAsync(machine, progress, cancellationToken).ConfigureAwait(false);
        }

        File.Delete(VmInspection.PidFile(files));
    }

    // Also for one that stopped by itself or crashed: its part of the bridge stayed.
    private static Task DetachAsync(VmDefinition machine, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        machine.Bridge is { } bridge ? TapNetwork.DetachAsync(bridge, machine, progress, cancellationToken) : Task.CompletedTask;

    private static async Task<bool> AskAsync(string name, VmFiles files, RunningProcess process, TimeSpan timeout, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        long ask = 0;
        while (process.IsAlive)
        {
            long now = Environment.TickCount64;
            if (now >= deadline)
            {
                return false;
            }

            if (now >= ask)
            {
                // A guest that still boots does not hear the button: it is pressed again.
                ask = now + 10_000;
                await TryAsync(files, "system_powerdown", cancellationToken).ConfigureAwait(false);
                progress?.Report(new OperationProgress(name, "waiting for the guest to shut down"));
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static async Task QuitAsync(VmFiles files, RunningProcess process, CancellationToken cancellationToken)
    {
        // "quit" writes out the disk's caches; a QEMU that does not hear it is killed.
        await TryAsync(files, "quit", cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < 100 && process.IsAlive; i++)
        {
            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        await process.EndAsync(TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(false);
    }

    private static async Task TryAsync(VmFiles files, string command, CancellationToken cancellationToken)
    {
        try
        {
            QmpClient client = await QmpClient.ConnectAsync(files.ControlSocket, TimeSpan.FromSeconds(5), cancellationToken).ConfigureAwait(false);
            await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = client.ConfigureAwait(false);
            await client.ExecuteAsync(command, null, cancellationToken).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OmnibusException or TimeoutException)
        {
            // QEMU ended while it answered, or hangs: the caller looks at the process.
        }
    }
}
