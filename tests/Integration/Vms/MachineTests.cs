using System.Diagnostics;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Machines;
using Xunit.Abstractions;

namespace Omnibus.Tests.Integration.Vms;

[Collection(VmSuite.Name)]
[Trait("Suite", "Vm")]
public sealed class MachineTests(VmFixture vm, ITestOutputHelper output)
{
    [Fact]
    public async Task The_guest_is_itself_and_knows_its_host()
    {
        await vm.RestoreAsync();
        string facts = await vm.RunAsync("hostname; cat /etc/machine-id; getent hosts host.omnibus; id -un; systemctl is-system-running --wait || true; ls /etc/ssh/ssh_host_*_key");
        output.WriteLine(await vm.RunAsync("systemctl list-units --failed --plain --no-legend"));
        string[] lines = facts.Split('\n');
        Assert.Equal("shared", lines[0]);
        Assert.Equal(vm.Machines.Load("shared").Id.ToString("N"), lines[1]);
        Assert.StartsWith("10.0.2.2 ", lines[2], StringComparison.Ordinal);
        Assert.Equal("root", lines[3]);
        Assert.Equal("running", lines[4]);
        Assert.Equal("/etc/ssh/ssh_host_ed25519_key", lines[5]);
    }

    [Fact]
    public async Task A_command_reaches_the_guest_byte_for_byte_and_its_three_results_come_back()
    {
        string[] arguments = ["a b", "it's", "$HOME `id` \"x\"", "*", "", "line1\nline2", "é\\"];
        GuestCommandResult result = await vm.Guest.RunAsync(vm.Name, new GuestCommand("printf '<%s>' \"$@\"; echo oops >&2; exit 3") { Arguments = arguments });
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(string.Concat(arguments.Select(a => $"<{a}>")), result.StandardOutput.TrimEnd('\n'));
        Assert.Equal("oops\n", result.StandardError);
    }

    [Fact]
    public async Task Standard_input_reaches_the_command()
    {
        using var input = new MemoryStream("one\ntwo\n"u8.ToArray());
        GuestCommandResult result = await vm.Guest.RunAsync(vm.Name, new GuestCommand("wc -l") { StandardInput = input });
        Assert.Equal("2", result.StandardOutput.Trim());
    }

    [Fact]
    public async Task An_exit_code_255_of_the_command_is_no_failure_of_the_connection() =>
        Assert.Equal(255, (await vm.Guest.RunAsync(vm.Name, new GuestCommand("exit 255"))).ExitCode);

    [Fact]
    public async Task Files_and_folders_are_copied_both_ways_under_odd_names()
    {
        string folder = Path.Combine(vm.Folder, "odd 'name' $x");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "a:b"), "content");
        await vm.Guest.CopyToAsync(vm.Name, [folder], "/root/");
        Assert.Equal("content", await vm.RunAsync("cat \"/root/odd 'name' \\$x/a:b\""));
        string back = Path.Combine(vm.Folder, "back");
        await vm.Guest.CopyFromAsync(vm.Name, ["/etc/hostname"], back);
        Assert.Equal("shared\n", await File.ReadAllTextAsync(back));
    }

    [Fact]
    public async Task A_broken_guest_is_whole_again_after_a_restore_and_its_clock_is_right()
    {
        await vm.RunAsync("rm -rf /usr/bin/dpkg /etc/apt; touch /root/mark");
        var watch = Stopwatch.StartNew();
        BuildVm restored = await vm.RestoreAsync();
        output.WriteLine($"restored to SSH in {watch.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(VmState.Running, restored.State);
        Assert.Equal("1", await vm.RunAsync("test -x /usr/bin/dpkg && test -d /etc/apt && ! test -e /root/mark && echo 1"));
        long there = long.Parse(await vm.RunAsync("date +%s"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(there, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 30, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5);
    }

    [Fact]
    public async Task The_clock_that_counts_from_the_boot_goes_back_with_the_guest_so_that_no_watchdog_barks()
    {
        BuildVm before = await vm.RestoreAsync();
        double at = await UptimeAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        BuildVm after = await vm.RestoreAsync();
        Assert.InRange(await UptimeAsync(), 0, at + 2.5);
        Assert.Equal(before.SshPort, after.SshPort);
    }

    [Fact]
    public async Task A_second_machine_of_the_same_kind_is_made_in_a_moment()
    {
        var watch = Stopwatch.StartNew();
        BuildVm second = await vm.CreateAsync("second");
        watch.Stop();
        output.WriteLine($"second machine in {watch.Elapsed.TotalMilliseconds:F0} ms");
        Assert.Equal(VmState.Stopped, second.State);
        Assert.Equal(2, second.DiskChain.Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        await new VmStop(vm.Machines).RemoveAsync("second");
        Assert.False(vm.Machines.Exists("second"));
    }

    private async Task<double> UptimeAsync() => double.Parse((await vm.RunAsync("cat /proc/uptime")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
