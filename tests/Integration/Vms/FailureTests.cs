using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>Machines with an empty disk: they run, but no guest ever answers.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("vmfail-").FullName;
    private VmDirectory _machines = null!;

    public async Task InitializeAsync()
    {
        _machines = new VmDirectory(Path.Combine(_root, "data"), Path.Combine(_root, "cache"), Path.Combine(_root, "run"));
        string disk = Path.Combine(_root, "empty.raw");
        await File.WriteAllBytesAsync(disk, new byte[1024 * 1024]);
        BaseImage image = await new CloudImages(_machines).GetAsync(new CloudImageRequest(disk));
        await new VmCreation(_machines).CreateAsync(new VmCreationRequest("m", image) { Memory = 128L << 20 });
    }

    public async Task DisposeAsync()
    {
        foreach (string name in _machines.Names())
        {
            await new VmStop(_machines).RemoveAsync(name, force: true);
        }

        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_QEMU_that_is_killed_is_seen_as_stopped_and_the_machine_starts_again()
    {
        await StartAsync();
        VmRun run = _machines.Load("m").Run!;
        using (Process qemu = Process.GetProcessById(run.Process.ProcessId))
        {
            qemu.Kill();
        }

        while (run.Process.IsAlive)
        {
            await Task.Delay(20);
        }

        BuildVm crashed = await new VmInspection(_machines).GetAsync("m");
        Assert.Equal(VmState.Stopped, crashed.State);
        Assert.StartsWith("Its QEMU ended unexpectedly.", crashed.LastError, StringComparison.Ordinal);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new Core.Vms.Guests.GuestAccess(_machines).RunAsync("m", new Core.Vms.Guests.GuestCommand("true")));
        Assert.Equal("VmNotRunning", error.Id);
        Assert.Contains("ended unexpectedly", error.Message, StringComparison.Ordinal);

        BuildVm again = await StartAsync();
        Assert.Equal(VmState.Running, again.State);
        Assert.Null(again.LastError);
    }

    [Fact]
    public async Task A_machine_is_found_and_stopped_by_another_process_than_the_one_that_started_it()
    {
        await StartAsync();

        // All that another process has is the folder.
        var other = new VmDirectory(_machines.DataFolder, _machines.CacheFolder, _machines.RuntimeFolder);
        Assert.Equal(VmState.Running, (await new VmInspection(other).GetAsync("m")).State);
        Assert.Equal(VmState.Stopped, (await new VmStop(other).StopAsync("m", TimeSpan.Zero, force: true)).State);
        Assert.Null((await new VmInspection(other).GetAsync("m")).LastError);
    }

    [Fact]
    public async Task A_guest_that_does_not_hear_the_power_button_is_an_error_and_stays()
    {
        await StartAsync();
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmStop(_machines).StopAsync("m", TimeSpan.FromSeconds(1)));
        Assert.Equal("VmDidNotStop", error.Id);
        Assert.Equal(VmState.Running, (await new VmInspection(_machines).GetAsync("m")).State);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_nothing_is_left_running()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg, PortForwards = [new PortForward(port, 80)] }));
        Assert.Equal("PortInUse", error.Id);
        Assert.Equal(port, error.Item);
        Assert.Equal(VmState.Stopped, (await new VmInspection(_machines).GetAsync("m")).State);
    }

    [Fact]
    public async Task A_forward_reaches_the_host_side_only_on_loopback_and_SSH_on_the_port_that_was_asked_for()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        BuildVm vm = await new VmStart(_machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg, SshPort = port });
        Assert.Equal(port, vm.SshPort);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
    }

    [Fact]
    public async Task An_argument_that_QEMU_does_not_know_is_shown_in_its_own_words()
    {
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg, QemuArguments = ["-nonsense"] }));
        Assert.Equal("QemuFailed", error.Id);
        Assert.Contains("nonsense", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_memory_than_the_host_has_is_refused_before_QEMU_starts()
    {
        _machines.Save(_machines.Load("m") with { MemoryMiB = 1 << 30 });
        Assert.Equal("MemoryLow", (await Assert.ThrowsAsync<OmnibusException>(StartAsync)).Id);
    }

    [Fact]
    public async Task A_lost_key_is_named()
    {
        await StartAsync();
        File.Delete(_machines.Files("m").PrivateKey);
        Assert.Equal("SshKeyLost", (await Assert.ThrowsAsync<OmnibusException>(() => new Core.Vms.Guests.GuestAccess(_machines).RunAsync("m", new Core.Vms.Guests.GuestCommand("true")))).Id);
    }

    [Fact]
    public async Task A_machine_outlives_its_base_image_in_the_cache()
    {
        Directory.Delete(_machines.CacheFolder, recursive: true);
        Assert.Equal(VmState.Running, (await StartAsync()).State);
    }

    [Fact]
    public async Task A_copy_is_another_machine()
    {
        await new VmCopy(_machines).CopyAsync("m", "copy");
        VmDefinition source = _machines.Load("m");
        VmDefinition copy = _machines.Load("copy");
        Assert.NotEqual(source.Id, copy.Id);
        Assert.NotEqual(source.MacAddress, copy.MacAddress);
        Assert.NotEqual(await File.ReadAllTextAsync(_machines.Files("m").PublicKey), await File.ReadAllTextAsync(_machines.Files("copy").PublicKey));
        BuildVm full = await new VmCopy(_machines).CopyAsync("m", "full", full: true);
        Assert.Single(full.DiskChain);
        Assert.Equal(VmState.Running, (await new VmStart(_machines).StartAsync("copy", new VmStartOptions { Accelerator = Accelerator.Tcg })).State);
    }

    [Fact]
    public async Task Two_starts_at_once_start_one_QEMU()
    {
        BuildVm[] both = await Task.WhenAll(StartAsync(), StartAsync());
        Assert.All(both, vm => Assert.Equal(VmState.Running, vm.State));
        Assert.Equal(both[0].SshPort, both[1].SshPort);
    }

    [Fact]
    public async Task A_full_disk_is_named_and_the_machine_goes_on()
    {
        // A file system of its own, small and full.
        string small = Directory.CreateDirectory(Path.Combine(_root, "small")).FullName;
        await Core.Processes.ProgramRunner.RunAsync(new Core.Processes.ProgramCommand("mount", ["-t", "tmpfs", "-o", "size=4m", "omnibus-test", small]));
        try
        {
            var machines = new VmDirectory(Path.Combine(small, "data"), _machines.CacheFolder, Path.Combine(_root, "run2"));
            BaseImage image = await new CloudImages(_machines).GetAsync(new CloudImageRequest(Path.Combine(_root, "empty.raw")));
            await new VmCreation(machines).CreateAsync(new VmCreationRequest("m", image) { Memory = 128L << 20 });
            await new VmStart(machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg });
            try
            {
                string ballast = Path.Combine(small, "ballast");
                await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(ballast, new byte[8 << 20]));
                OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmCheckpoints(machines).TakeAsync("m", "full"));
                Assert.True(error.Id == "DiskSpaceLow", error.ToString());
                Assert.Equal(VmState.Running, (await new VmInspection(machines).GetAsync("m")).State);
                Assert.Empty(machines.Load("m").Checkpoints);

                File.Delete(ballast);
                await new VmCheckpoints(machines).TakeAsync("m", "full");
                Assert.Equal("full", Assert.Single(machines.Load("m").Checkpoints).Name);
            }
            finally
            {
                await new VmStop(machines).RemoveAsync("m", force: true);
            }
        }
        finally
        {
            await Core.Processes.ProgramRunner.RunAsync(new Core.Processes.ProgramCommand("umount", ["--lazy", small]));
        }
    }

    [Fact]
    public async Task A_wrong_checksum_leaves_nothing_in_the_cache()
    {
        string disk = Path.Combine(_root, "other.raw");
        await File.WriteAllTextAsync(disk, "something else");
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new CloudImages(_machines).GetAsync(new CloudImageRequest(disk) { Sha256 = new string('a', 64) }));
        Assert.Equal("ImageChecksumWrong", error.Id);
        Assert.Single(Directory.EnumerateFileSystemEntries(_machines.CacheFolder));
    }

    private Task<BuildVm> StartAsync() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg });
}
