using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Host;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Networks;
using Omnibus.Core.Vms.Qemu;
using Omnibus.Core.Vms.Qmp;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Starts machines. The QEMU outlives this process and is found again by the next.</summary>
public sealed class VmStart(VmDirectory directory)
{
    // Somebody may take a free port between our look and QEMU's.
    private const int PortTries = 3;

    private readonly VmInspection _inspection = new(directory);

    /// <summary>Starts a machine; one that runs already is left as it is.</summary>
    /// <exception cref="OmnibusException"><c>VmNotFound</c>, <c>SshKeyLost</c>, <c>MemoryLow</c>, <c>PortInUse</c>, <c>KvmUnusable</c>, <c>QemuFailed</c>, <c>GuestNotAnswering</c>.</exception>
    public async Task<BuildVm> StartAsync(string name, VmStartOptions options, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using (await directory.LockAsync(name, cancellationToken).ConfigureAwait(false))
        {
            VmDefinition machine = _inspection.LoadCurrent(name);
            if (machine.Run is null)
            {
                await LaunchAsync(machine, options, progress, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                progress?.Report(OperationProgress.Detail(name, "runs already"));
                await ContinueAsync(directory.Files(name), cancellationToken).ConfigureAwait(false);
            }
        }

        // Without the lock: a guest that never answers can be stopped meanwhile.
        if (options.Wait)
        {
            await new GuestAccess(directory).WaitAsync(name, options.Timeout, progress, cancellationToken).ConfigureAwait(false);
        }

        return await _inspection.GetAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a machine that does not run. The caller holds its lock.</summary>
    internal async Task<VmDefinition> LaunchAsync(VmDefinition machine, VmStartOptions options, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        VmFiles files = directory.Files(machine.Name);
        VmCheckpoint? checkpoint = machine.Checkpoints.FirstOrDefault(c => VmCheckpoints.Tag(c.Name) == options.Checkpoint);
        ProgramRunner.Require(QemuCommandLine.Program(machine.Architecture));
        GuestAccess.RequireKey(machine.Name, files);
        RequireMemory(machine);
        RequirePorts(machine, options);
        directory.PrepareRuntimeFolder(files);
        (Accelerator accelerator, string? reason) = checkpoint is { Live: true }
            ? (checkpoint.Accelerator, checkpoint.Accelerator == Accelerator.Tcg ? $"the checkpoint '{checkpoint.Name}' was taken under it" : null)
            : await new VmHostCheck(directory).ChooseAsync(options.Accelerator, machine.Architecture, progress, cancellationToken).ConfigureAwait(false);
        if (reason is not null)
        {
            progress?.Report(OperationProgress.Detail(machine.Name, $"runs under TCG, slowly: {reason}"));
        }

        string? tap = machine.Bridge is { } bridge ? await TapNetwork.AttachAsync(bridge, machine, progress, cancellationToken).ConfigureAwait(false) : null;
        try
        {
            return await RunOnFreePortAsync(machine, options, accelerator, reason, checkpoint?.MachineType, tap, progress, cancellationToken).ConfigureAwait(false);
        }
        catch when (tap is not null)
        {
            await TapNetwork.DetachAsync(machine.Bridge!, machine, progress, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<VmDefinition> RunOnFreePortAsync(VmDefinition machine, VmStartOptions options, Accelerator accelerator, string? reason, string? machineType, string? tap, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        VmFiles files = directory.Files(machine.Name);
        for (int attempt = 1; ; attempt++)
        {
            int port = machine.Bridge is not null ? 22 : options.SshPort != 0 ? options.SshPort : FreePort();
            var launch = new QemuLaunch(machine, files, accelerator, port)
            {
                Options = options,
                MachineType = machineType,
                TapDevice = tap,
                GuestFacts = Facts(machine, files),
            };
            try
            {
                return await RunAsync(launch, reason, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (OmnibusException e) when (e.Id == "PortInUse" && options.SshPort == 0 && attempt < PortTries)
            {
                progress?.Report(OperationProgress.Detail(machine.Name, $"port {port} was taken by somebody else; another one is tried"));
            }
        }
    }

    /// <summary>What the guest is told of itself.</summary>
    internal static Dictionary<string, string> Facts(VmDefinition machine, VmFiles files)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (machine.Boot == BootMode.Firmware)
        {
            return facts;
        }

        facts["id"] = machine.Id.ToString("N");
        facts["name"] = machine.Name;
        facts["user"] = machine.User;
        facts["host"] = machine.Bridge is null ? GuestNetwork.HostAddress : TapNetwork.GatewayOf(machine.Address);
        facts["dns"] = machine.Bridge is null ? GuestNetwork.NameServer : TapNetwork.GatewayOf(machine.Address);
        if (Proxy(machine) is { } proxy)
        {
            facts["proxy"] = proxy;
        }

        if (machine.PasswordHash is not null)
        {
            facts["password"] = "yes";
        }

        string[] keys = [File.ReadAllText(files.PublicKey).Trim(), .. machine.AuthorizedKeys];
        for (int i = 0; i < keys.Length; i++)
        {
            // Type and key; the comment may hold anything.
            string[] words = keys[i].Split(' ');
            facts[string.Create(CultureInfo.InvariantCulture, $"key{i}")] = $"{words[0]}:{words[1]}";
        }

        return facts;
    }

    private static string? Proxy(VmDefinition machine) => machine.Proxy ?? new PackageCacheServer().GuestProxy();

    private async Task<VmDefinition> RunAsync(QemuLaunch launch, string? reason, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        VmFiles files = launch.Files;
        foreach (string stale in new[] { files.ControlSocket, files.StatusSocket, files.ConsoleSocket, VmInspection.PidFile(files), files.QemuLog })
        {
            File.Delete(stale);
        }

        if (File.Exists(files.ConsoleLog) && launch.Options.Checkpoint is null)
        {
            File.Move(files.ConsoleLog, files.ConsoleLog + ".1", overwrite: true);
        }

        if (launch.Options.Checkpoint is null)
        {
            // The cache may have another port than at the last boot.
            await NoCloudSeed.WriteAsync(launch.Machine, files, Proxy(launch.Machine), cancellationToken).ConfigureAwait(false);
        }

        if (launch.Machine.Boot == BootMode.BootLoader)
        {
            await File.WriteAllTextAsync(files.Facts, QemuCommandLine.FactWords(launch), cancellationToken).ConfigureAwait(false);
        }

        ProgramCommand command = QemuCommandLine.Build(launch);
        try
        {
            await ProgramRunner.RunAsync(command, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id is "ProgramFailed" or "ProgramTimeout")
        {
            throw Explain(launch, e);
        }

        int processId = int.Parse(await File.ReadAllTextAsync(VmInspection.PidFile(files), cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
        RunningProcess process = RunningProcess.Find(processId)
            ?? throw new OmnibusException("QemuFailed", ErrorKind.ProgramFailed, $"QEMU ended right after it started the machine '{launch.Machine.Name}'.\n{LogTail.Read(files.QemuLog, 15)}", launch.Machine.Name);
        try
        {
            string type = await MachineTypeAsync(files, cancellationToken).ConfigureAwait(false);
            VmDefinition running = launch.Machine with
            {
                LastError = null,
                Run = new VmRun(process, DateTimeOffset.UtcNow, launch.Accelerator, launch.SshPort, type)
                {
                    AcceleratorReason = reason,
                    PortForwards = launch.Options.PortForwards,
                    QemuArguments = launch.Options.QemuArguments,
                    Graphics = launch.Options.Graphics,
                },
            };
            directory.Save(running);
            return running;
        }
        catch
        {
            // Nothing is left running that nobody knows of.
            await process.EndAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<string> MachineTypeAsync(VmFiles files, CancellationToken cancellationToken)
    {
        QmpClient client = await QmpClient.ConnectAsync(files.ControlSocket, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
        await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = client.ConfigureAwait(false);
        JsonElement type = await client.ExecuteAsync("qom-get", new JsonObject { ["path"] = "/machine", ["property"] = "type" }, cancellationToken).ConfigureAwait(false);
        string name = type.GetString() ?? string.Empty;
        return name.EndsWith("-machine", StringComparison.Ordinal) ? name[..^"-machine".Length] : name;
    }

    // A guest that was halted, by a full disk for one, goes on.
    private static async Task ContinueAsync(VmFiles files, CancellationToken cancellationToken)
    {
        QmpClient client = await QmpClient.ConnectAsync(files.ControlSocket, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
        await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = client.ConfigureAwait(false);
        JsonElement status = await client.ExecuteAsync("query-status", null, cancellationToken).ConfigureAwait(false);
        if (!status.GetProperty("running").GetBoolean())
        {
            await client.ExecuteAsync("cont", null, cancellationToken).ConfigureAwait(false);
        }
    }

    private static OmnibusException Explain(QemuLaunch launch, OmnibusException failure)
    {
        // With -D QEMU's words go to its log.
        string said = $"{failure.Message}\n{LogTail.Read(launch.Files.QemuLog, 15)}".TrimEnd();
        string name = launch.Machine.Name;
        if (said.Contains("host forwarding rule", StringComparison.Ordinal))
        {
            return new OmnibusException("PortInUse", ErrorKind.Conflict, $"A port of the host that the machine '{name}' wants is taken.\n{said}", name, "Choose another port.", failure);
        }

        if (said.Contains("annot allocate memory", StringComparison.Ordinal) || said.Contains("cannot set up guest memory", StringComparison.Ordinal))
        {
            return new OmnibusException("MemoryLow", ErrorKind.Storage, $"The host has no memory for the machine '{name}'.\n{said}", name, "Stop other machines, or give this one less with -Memory.", failure);
        }

        return new OmnibusException("QemuFailed", ErrorKind.ProgramFailed, $"QEMU did not start the machine '{name}'. {said}", name, "Run Test-BuildVmHost; -Verbose shows QEMU's command line.", failure);
    }

    private static void RequireMemory(VmDefinition machine)
    {
        long available = VmHostCheck.AvailableMemory();
        if (available < (long)machine.MemoryMiB << 20)
        {
            throw new OmnibusException("MemoryLow", ErrorKind.Storage, $"The machine '{machine.Name}' needs {machine.MemoryMiB} MiB of memory; {available >> 20} MiB are available.", machine.Name, "Stop other machines, or give this one less with -Memory.");
        }
    }

    private static void RequirePorts(VmDefinition machine, VmStartOptions options)
    {
        if (machine.Bridge is not null)
        {
            return;
        }

        IEnumerable<PortForward> all = machine.PortForwards.Concat(options.PortForwards);
        foreach (PortForward forward in options.SshPort == 0 ? all : all.Append(new PortForward(options.SshPort, 22)))
        {
            if (!forward.Udp && !IsFree(IPAddress.Parse(forward.Address), forward.HostPort))
            {
                throw new OmnibusException("PortInUse", ErrorKind.Conflict, $"Port {forward.HostPort} of {forward.Address}, which the machine '{machine.Name}' wants, is taken.", forward.HostPort, "Choose another port, or end the program that listens there.");
            }
        }
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
