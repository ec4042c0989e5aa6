using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Qemu;
using Omnibus.Core.Vms.Qmp;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Takes and restores checkpoints: the disk, and the running guest's memory when it runs. Both lie inside the machine's qcow2 disk.</summary>
public sealed partial class VmCheckpoints(VmDirectory directory)
{
    private const long NearlyFull = 1024 * 1024;

    private static readonly TimeSpan s_jobLimit = TimeSpan.FromMinutes(10);

    private readonly VmInspection _inspection = new(directory);
    private readonly GuestAccess _guest = new(directory);

    /// <summary>Saves the state of a machine under a name.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="checkpoint">Name of the checkpoint.</param>
    /// <param name="replace">Replaces one of the same name.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>CheckpointNameInvalid</c>, <c>CheckpointExists</c>, <c>CheckpointFailed</c>, <c>VmNotFound</c>.</exception>
    public async Task<VmCheckpoint> TakeAsync(string name, string checkpoint, bool replace = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ValidateName(checkpoint);
        using VmLock held = await directory.LockAsync(name, cancellationToken).ConfigureAwait(false);
        VmDefinition machine = _inspection.LoadCurrent(name);
        VmFiles files = directory.Files(name);
        if (machine.Checkpoints.Any(c => c.Name == checkpoint))
        {
            if (!replace)
            {
                throw new OmnibusException("CheckpointExists", ErrorKind.AlreadyExists, $"The machine '{name}' has a checkpoint '{checkpoint}' already.", checkpoint, "Choose another name, or use -Force to replace it.");
            }

            machine = await RemoveLockedAsync(machine, files, checkpoint, progress, cancellationToken).ConfigureAwait(false);
        }

        progress?.Report(new OperationProgress(name, $"saving {checkpoint}"));
        var taken = new VmCheckpoint(checkpoint, DateTimeOffset.UtcNow, Live: machine.Run is not null);
        if (machine.Run is { } run)
        {
            await SaveAsync(files, checkpoint, cancellationToken).ConfigureAwait(false);
            taken = taken with { Accelerator = run.Accelerator, MachineType = run.MachineType, MemoryMiB = machine.MemoryMiB, Cpus = machine.Cpus };
        }
        else
        {
            await VmDisks.RunAsync(["snapshot", "-q", "-c", Tag(checkpoint), files.Disk], files.Disk, progress, cancellationToken).ConfigureAwait(false);
        }

        directory.Save(machine with { Checkpoints = [.. machine.Checkpoints, taken] });
        return taken;
    }

    /// <summary>Brings a machine back to a checkpoint: running where its memory was saved, stopped otherwise.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="checkpoint">Name of the checkpoint, or null for the newest.</param>
    /// <param name="timeout">How long the guest may take to answer.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>CheckpointNotFound</c>, <c>CheckpointFailed</c>, <c>GuestNotAnswering</c>, <c>VmNotFound</c>.</exception>
    public async Task<BuildVm> RestoreAsync(string name, string? checkpoint, TimeSpan timeout, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        bool live;
        using (await directory.LockAsync(name, cancellationToken).ConfigureAwait(false))
        {
            VmDefinition machine = _inspection.LoadCurrent(name);
            VmCheckpoint wanted = Find(machine, checkpoint);
            live = wanted.Live;
            progress?.Report(new OperationProgress(name, $"restoring {wanted.Name}"));
            await RestoreLockedAsync(machine, wanted, progress, cancellationToken).ConfigureAwait(false);
        }

        if (live)
        {
            try
            {
                // The guest was up when it was saved: it is not asked first whether it answers.
                await SetClockAsync(name, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (OmnibusException e) when (e.Id == "GuestUnreachable")
            {
                await _guest.WaitAsync(name, timeout, progress, cancellationToken).ConfigureAwait(false);
                await SetClockAsync(name, progress, cancellationToken).ConfigureAwait(false);
            }
        }

        return await _inspection.GetAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a checkpoint and frees its space for the machine.</summary>
    /// <exception cref="OmnibusException"><c>CheckpointNotFound</c>, <c>CheckpointFailed</c>, <c>VmNotFound</c>.</exception>
    public async Task RemoveAsync(string name, string checkpoint, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using VmLock held = await directory.LockAsync(name, cancellationToken).ConfigureAwait(false);
        VmDefinition machine = _inspection.LoadCurrent(name);
        await RemoveLockedAsync(machine, directory.Files(name), Find(machine, checkpoint).Name, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Name of the snapshot in the disk. The prefix keeps it from being taken for a number, which QEMU would look up as an id.</summary>
    internal static string Tag(string checkpoint) => "cp-" + checkpoint;

    // The guest's clock stands where it stood: signatures and TLS would fail by it.
    private Task SetClockAsync(string name, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string now = string.Create(CultureInfo.InvariantCulture, $"@{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0:F3}");
        return _guest.RequireAsync(name, "date --utc --set=\"$1\" >/dev/null", [now], progress, cancellationToken);
    }

    private async Task RestoreLockedAsync(VmDefinition machine, VmCheckpoint wanted, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        VmFiles files = directory.Files(machine.Name);
        VmStartOptions options = new() { Checkpoint = Tag(wanted.Name), Accelerator = wanted.Accelerator };
        if (machine.Run is { } run)
        {
            // As it was started: who knows its ports finds it there again.
            options = options with { SshPort = machine.Bridge is null ? run.SshPort : 0, PortForwards = run.PortForwards, QemuArguments = run.QemuArguments, Graphics = run.Graphics };
            machine = await new VmStop(directory).PullAsync(machine, keepNetwork: wanted.Live, progress, cancellationToken).ConfigureAwait(false);
        }

        if (wanted.Live)
        {
            // Always in a new QEMU. One that loads a state while it runs keeps its time stamp counter, which never goes back (TCG): the guest's clock
            // would jump by all the time since the checkpoint, and systemd would kill every service with a watchdog.
            await new VmStart(directory).LaunchAsync(machine with { MemoryMiB = wanted.MemoryMiB, Cpus = wanted.Cpus }, options, progress, cancellationToken).ConfigureAwait(false);
            return;
        }

        await VmDisks.RunAsync(["snapshot", "-q", "-a", Tag(wanted.Name), files.Disk], files.Disk, progress, cancellationToken).ConfigureAwait(false);

        // The guest may not have had its host keys then.
        File.Delete(files.KnownHosts);
        directory.Save(machine with { LastError = null });
    }

    private async Task<VmDefinition> RemoveLockedAsync(VmDefinition machine, VmFiles files, string checkpoint, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (machine.Run is not null)
        {
            await JobAsync(files, "snapshot-delete", checkpoint, withState: false, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await VmDisks.RunAsync(["snapshot", "-q", "-d", Tag(checkpoint), files.Disk], files.Disk, progress, cancellationToken).ConfigureAwait(false);
        }

        VmDefinition changed = machine with { Checkpoints = [.. machine.Checkpoints.Where(c => c.Name != checkpoint)] };
        directory.Save(changed);
        return changed;
    }

    private static async Task SaveAsync(VmFiles files, string checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            await JobAsync(files, "snapshot-save", checkpoint, withState: true, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id is "CheckpointFailed" or "DiskSpaceLow")
        {
            try
            {
                // What was half written would keep its name and its space.
                await JobAsync(files, "snapshot-delete", checkpoint, withState: false, cancellationToken).ConfigureAwait(false);
            }
            catch (OmnibusException)
            {
                // It was not even begun.
            }

            throw;
        }
    }

    // snapshot-save and -delete are background jobs (qemu-qmp-ref(7)): started, watched, dismissed.
    private static async Task JobAsync(VmFiles files, string command, string checkpoint, bool withState, CancellationToken cancellationToken)
    {
        QmpClient client = await QmpClient.ConnectAsync(files.ControlSocket, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
        await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = client.ConfigureAwait(false);
        string job = $"omnibus-{Guid.NewGuid():N}";
        var arguments = new JsonObject
        {
            ["job-id"] = job,
            ["tag"] = Tag(checkpoint),
            ["devices"] = new JsonArray { QemuCommandLine.DiskNode },
        };
        if (withState)
        {
            arguments["vmstate"] = QemuCommandLine.DiskNode;
        }

        await client.ExecuteAsync(command, arguments, cancellationToken).ConfigureAwait(false);
        long deadline = Environment.TickCount64 + (long)s_jobLimit.TotalMilliseconds;
        while (true)
        {
            (bool ended, string? error) = Status(await client.ExecuteAsync("query-jobs", null, cancellationToken).ConfigureAwait(false), job);
            if (ended)
            {
                await client.ExecuteAsync("job-dismiss", new JsonObject { ["id"] = job }, cancellationToken).ConfigureAwait(false);
                await ContinueAsync(client, cancellationToken).ConfigureAwait(false);
                if (error is not null)
                {
                    throw Failed(files, checkpoint, command, error);
                }

                return;
            }

            if (Environment.TickCount64 > deadline)
            {
                throw Failed(files, checkpoint, command, "it took too long");
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    // A failed or interrupted job may leave the guest halted.
    private static async Task ContinueAsync(QmpClient client, CancellationToken cancellationToken)
    {
        JsonElement status = await client.ExecuteAsync("query-status", null, cancellationToken).ConfigureAwait(false);
        if (!status.GetProperty("running").GetBoolean())
        {
            await client.ExecuteAsync("cont", null, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (bool Ended, string? Error) Status(JsonElement jobs, string id)
    {
        foreach (JsonElement job in jobs.EnumerateArray())
        {
            if (job.GetProperty("id").GetString() == id)
            {
                return (job.GetProperty("status").GetString() == "concluded", job.TryGetProperty("error", out JsonElement error) ? error.GetString() : null);
            }
        }

        return (false, null);
    }

    private static VmCheckpoint Find(VmDefinition machine, string? checkpoint) =>
        (checkpoint is null ? machine.Checkpoints.LastOrDefault() : machine.Checkpoints.FirstOrDefault(c => c.Name == checkpoint))
        ?? throw new OmnibusException(
            "CheckpointNotFound",
            ErrorKind.NotFound,
            checkpoint is null ? $"The machine '{machine.Name}' has no checkpoint." : $"The machine '{machine.Name}' has no checkpoint '{checkpoint}'.",
            checkpoint ?? machine.Name,
            machine.Checkpoints.Count == 0 ? "Take one with Checkpoint-BuildVm." : $"It has {string.Join(", ", machine.Checkpoints.Select(c => c.Name))}.");

    private static OmnibusException Failed(VmFiles files, string checkpoint, string command, string why)
    {
        // A disk that is full while memory is written is an input/output error in QEMU's words.
        bool full = why.Contains("No space left", StringComparison.Ordinal) || Host.VmHostCheck.FreeSpace(files.Folder) < NearlyFull;
        return new OmnibusException(full ? "DiskSpaceLow" : "CheckpointFailed", full ? ErrorKind.Storage : ErrorKind.ProgramFailed, $"QEMU's {command} of '{checkpoint}' failed: {why}", checkpoint, full ? "Make room on the host's disk." : null);
    }

    private static void ValidateName(string checkpoint)
    {
        if (!NamePattern().IsMatch(checkpoint))
        {
            throw new OmnibusException("CheckpointNameInvalid", ErrorKind.InvalidArgument, $"'{checkpoint}' is no name for a checkpoint.", checkpoint, "Use up to 64 letters, digits, dots, hyphens and underscores.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
