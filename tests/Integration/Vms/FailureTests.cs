using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.State;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>Machines whose guest is a boot sector: they run, but no guest ever answers.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("vmfail-").FullName;
    private VmDirectory _machines = null!;

    public async Task InitializeAsync()
    {
        _machines = new VmDirectory(Path.Combine(_root, "data"), Path.Combine(_root, "cache"), Path.Combine(_root, "run"));
        string disk = Path.Combine(_root, "talking.raw");
        TalkingDisk.Write(disk);
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
        await SaysAsync(_machines, TalkingDisk.Greeting);
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
        Assert.EndsWith(TalkingDisk.Greeting, crashed.LastError, StringComparison.Ordinal);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new Core.Vms.Guests.GuestAccess(_machines).RunAsync("m", new Core.Vms.Guests.GuestCommand("true")));
        Assert.Equal("VmNotRunning", error.Id);
        Assert.Contains("ended unexpectedly", error.Message, StringComparison.Ordinal);

        BuildVm again = await StartAsync();
        Assert.Equal(VmState.Running, again.State);
        Assert.Null(again.LastError);
    }

    [Fact]
    public async Task A_guest_that_never_answers_is_told_with_the_end_of_its_console_and_stays_to_be_looked_at()
    {
        await StartAsync();
        await SaysAsync(_machines, TalkingDisk.Greeting);
        OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Wait = true, Timeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal("GuestNotAnswering", error.Id);
        Assert.EndsWith(TalkingDisk.Greeting, error.Message, StringComparison.Ordinal);
        Assert.Contains("Get-BuildVmLog", error.Advice, StringComparison.Ordinal);
        Assert.Equal(VmState.Running, (await new VmInspection(_machines).GetAsync("m")).State);
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
        Assert.Equal("SshKeyLost", (await Assert.ThrowsAsync<OmnibusException>(() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Wait = true, Timeout = TimeSpan.FromSeconds(1) }))).Id);
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
        await ProgramRunner.RunAsync(new ProgramCommand("mount", ["-t", "tmpfs", "-o", "size=4m", "omnibus-test", small]));
        try
        {
            var machines = new VmDirectory(Path.Combine(small, "data"), _machines.CacheFolder, Path.Combine(_root, "run2"));
            BaseImage image = await new CloudImages(_machines).GetAsync(new CloudImageRequest(Path.Combine(_root, "talking.raw")));
            await new VmCreation(machines).CreateAsync(new VmCreationRequest("m", image) { Memory = 128L << 20 });
            await new VmStart(machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg });
            try
            {
                await SaysAsync(machines, TalkingDisk.Greeting);
                string ballast = Path.Combine(small, "ballast");
                await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(ballast, new byte[8 << 20]));
                OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => new VmCheckpoints(machines).TakeAsync("m", "full"));
                Assert.True(error.Id == "DiskSpaceLow", error.ToString());
                Assert.Equal(VmState.Running, (await new VmInspection(machines).GetAsync("m")).State);
                Assert.Empty(machines.Load("m").Checkpoints);

                // The guest wants to write: it is halted, and goes on when there is room.
                await TalkingDisk.PokeAsync(machines.Files("m").ConsoleSocket);
                BuildVm halted = (await Eventually.BecomesAsync(() => new VmInspection(machines).GetAsync("m").Result, vm => vm.State == VmState.Paused))!;
                Assert.Equal(VmState.Paused, halted.State);
                Assert.StartsWith("The disk of the host is full", halted.StateDetail, StringComparison.Ordinal);

                // Nor is there room for an image of a distribution.
                var images = new DistributionImages(new VmDirectory(machines.DataFolder, Path.Combine(small, "cache"), machines.RuntimeFolder));
                error = await Assert.ThrowsAsync<OmnibusException>(() => images.GetAsync(DistributionCatalog.Shipped.Get("debian-12"), new DistributionImageOptions()));
                Assert.Equal("DiskSpaceLow", error.Id);

                File.Delete(ballast);
                Assert.Equal(VmState.Running, (await new VmStart(machines).StartAsync("m", new VmStartOptions())).State);
                await SaysAsync(machines, "written");
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
            await ProgramRunner.RunAsync(new ProgramCommand("umount", ["--lazy", small]));
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

    [Fact]
    public async Task An_image_of_another_architecture_is_named_whether_it_is_new_or_in_the_cache()
    {
        // A GPT with a root partition for arm64 (Discoverable Partitions Specification), in qcow2 as cloud images are.
        byte[] start = new byte[8 << 20];
        "EFI PART"u8.CopyTo(start.AsSpan(512));
        (start[512 + 72], start[512 + 80], start[512 + 84]) = (2, 1, 128);
        Guid.Parse("B921B045-1DF0-41C3-AF44-4C6F280D3FAE").ToByteArray().CopyTo(start, 1024);
        string raw = Path.Combine(_root, "arm.raw");
        await File.WriteAllBytesAsync(raw, start);
        string disk = Path.Combine(_root, "arm.qcow2");
        await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", raw, disk]));

        Assert.Equal("ArchitectureMismatch", (await Assert.ThrowsAsync<OmnibusException>(() => new CloudImages(_machines).GetAsync(new CloudImageRequest(disk) { Architecture = "amd64" }))).Id);
        BaseImage image = await new CloudImages(_machines).GetAsync(new CloudImageRequest(disk) { Architecture = "arm64" });
        Assert.Equal("qcow2", image.Format);
        Assert.Equal("ArchitectureMismatch", (await Assert.ThrowsAsync<OmnibusException>(() => new CloudImages(_machines).GetAsync(new CloudImageRequest(disk) { Architecture = "amd64" }))).Id);
    }

    private static async Task SaysAsync(VmDirectory machines, string words)
    {
        var inspection = new VmInspection(machines);
        IReadOnlyList<string> console = await Eventually.BecomesAsync(() => inspection.ReadLog("m", VmLogSource.Console, 5), lines => lines.Contains(words));
        Assert.Contains(words, console);
    }

    private Task<BuildVm> StartAsync() => new VmStart(_machines).StartAsync("m", new VmStartOptions { Accelerator = Accelerator.Tcg });
}
