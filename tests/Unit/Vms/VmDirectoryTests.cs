using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Unit.Vms;

public sealed class VmDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vmdir-").FullName;

    private VmDirectory Machines => new(Path.Combine(_root, "data"), Path.Combine(_root, "cache"), Path.Combine(_root, "run"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_machine_that_was_saved_is_read_back_equal()
    {
        VmDefinition machine = Machine("deb12") with
        {
            PortForwards = [new PortForward(8080, 80) { Udp = true }],
            Checkpoints = [new VmCheckpoint("clean", DateTimeOffset.UnixEpoch, Live: true) { Accelerator = Accelerator.Tcg, MachineType = "pc-q35-7.2" }],
            Run = new VmRun(new RunningProcess(12, 34, "boot"), DateTimeOffset.UnixEpoch, Accelerator.Tcg, 2222, "pc-q35-7.2"),
        };
        Save(machine);
        VmDefinition read = Machines.Load("deb12");
        Assert.Equal(machine.Id, read.Id);
        Assert.Equal(machine.PortForwards, read.PortForwards);
        Assert.Equal(machine.Checkpoints, read.Checkpoints);
        Assert.Equal(machine.Run!.Process, read.Run!.Process);
        Assert.Equal(Accelerator.Tcg, read.Run.Accelerator);
    }

    [Fact]
    public void Machines_are_listed_by_name_and_foreign_folders_are_not()
    {
        Save(Machine("b"));
        Save(Machine("a"));
        Directory.CreateDirectory(Path.Combine(_root, "data", "empty"));
        Assert.Equal(["a", "b"], Machines.Names());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("Upper")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a\n")]
    [InlineData("a,b")]
    public void A_name_that_is_no_host_name_is_refused(string name) =>
        Assert.Equal("VmNameInvalid", Assert.Throws<OmnibusException>(() => Machines.Files(name)).Id);

    [Fact]
    public void A_machine_that_is_not_there_is_not_found() =>
        Assert.Equal("VmNotFound", Assert.Throws<OmnibusException>(() => Machines.Load("nobody")).Id);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"name": "other", "id": "c40eb3c2-7f16-4f1e-9f3e-6bb1b8c5f0a1", "architecture": "amd64", "macAddress": "x"}""")]
    public void A_damaged_file_is_refused_by_name(string text)
    {
        Directory.CreateDirectory(Path.Combine(_root, "data", "deb12"));
        File.WriteAllText(Path.Combine(_root, "data", "deb12", "vm.json"), text);
        Assert.Equal("VmDefinitionInvalid", Assert.Throws<OmnibusException>(() => Machines.Load("deb12")).Id);
    }

    [Fact]
    public async Task Two_commands_on_one_machine_wait_for_each_other()
    {
        Save(Machine("deb12"));
        VmLock held = await Machines.LockAsync("deb12");
        OmnibusException busy = await Assert.ThrowsAsync<OmnibusException>(() => Machines.LockAsync("deb12", TimeSpan.FromMilliseconds(150)));
        Assert.Equal("VmBusy", busy.Id);
        Task<VmLock> waiting = Machines.LockAsync("deb12", TimeSpan.FromMinutes(1));
        held.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task The_lock_of_a_machine_that_is_not_there_is_not_found() =>
        Assert.Equal("VmNotFound", (await Assert.ThrowsAsync<OmnibusException>(() => Machines.LockAsync("nobody"))).Id);

    private void Save(VmDefinition machine)
    {
        Directory.CreateDirectory(Machines.Files(machine.Name).Folder);
        Machines.Save(machine);
    }

    private static VmDefinition Machine(string name) => new()
    {
        Name = name,
        Id = Guid.Parse("c40eb3c2-7f16-4f1e-9f3e-6bb1b8c5f0a1"),
        Architecture = "amd64",
        MacAddress = "52:54:00:00:00:01",
    };
}
