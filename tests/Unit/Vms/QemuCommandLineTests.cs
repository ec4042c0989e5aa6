using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Qemu;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Unit.Vms;

public sealed class QemuCommandLineTests
{
    [Fact]
    public void A_machine_with_its_own_kernel_boots_it_with_the_facts_of_the_guest()
    {
        ProgramCommand command = QemuCommandLine.Build(Launch() with { GuestFacts = new Dictionary<string, string> { ["key"] = "AAAA", ["host"] = "10.0.2.2" } });
        Assert.Equal("qemu-system-x86_64", command.Program);
        Assert.Equal("/vms/deb12/vmlinuz", After(command, "-kernel"));
        string append = After(command, "-append");
        Assert.StartsWith("root=/dev/vda rw ", append, StringComparison.Ordinal);
        Assert.EndsWith(" console=ttyS0 mitigations=off omnibus.host=10.0.2.2 omnibus.key=AAAA", append, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_with_a_boot_loader_has_no_kernel_argument() =>
        Assert.DoesNotContain("-kernel", QemuCommandLine.Build(Launch(m => m with { Boot = BootMode.Firmware })).Arguments);

    [Fact]
    public void The_guest_of_a_disk_with_its_own_boot_loader_finds_the_facts_in_the_firmware()
    {
        ProgramCommand command = QemuCommandLine.Build(Launch(m => m with { Boot = BootMode.BootLoader }));
        Assert.DoesNotContain("-append", command.Arguments);
        Assert.Equal("name=opt/omnibus/facts,file=/vms/deb12/facts", After(command, "-fw_cfg"));
    }

    [Fact]
    public void SSH_and_all_forwards_go_through_the_user_network()
    {
        QemuLaunch launch = Launch(m => m with { PortForwards = [PortForward.Parse("8080:80")] }) with
        {
            Options = new VmStartOptions { PortForwards = [PortForward.Parse("0.0.0.0:5353:53/udp")] },
        };
        Assert.Equal(
            "user,id=net0,hostname=deb12,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:0.0.0.0:5353-:53",
            After(QemuCommandLine.Build(launch), "-netdev"));
    }

    [Theory]
    [InlineData(Accelerator.Kvm, "kvm", "host")]
    [InlineData(Accelerator.Tcg, "tcg,thread=multi", "Nehalem")]
    public void The_processor_goes_with_the_accelerator(Accelerator accelerator, string accel, string cpu)
    {
        ProgramCommand command = QemuCommandLine.Build(Launch() with { Accelerator = accelerator });
        Assert.Equal(accel, After(command, "-accel"));
        Assert.Equal(cpu, After(command, "-cpu"));
    }

    [Fact]
    public void A_comma_in_a_path_does_not_end_the_option()
    {
        QemuLaunch launch = Launch() with { Files = new VmFiles("/v,m/deb12", "/run/deb12") };
        Assert.Contains("driver=file,node-name=file0,filename=/v,,m/deb12/disk.qcow2,discard=unmap,cache.no-flush=on", QemuCommandLine.Build(launch).Arguments);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\"b")]
    [InlineData("é")]
    public void A_fact_that_would_break_the_kernels_command_line_is_refused(string value) =>
        Assert.Equal("GuestFactInvalid", Assert.Throws<OmnibusException>(() => QemuCommandLine.Build(Launch() with { GuestFacts = new Dictionary<string, string> { ["x"] = value } })).Id);

    [Fact]
    public void Facts_that_do_not_fit_are_refused_instead_of_cut() =>
        Assert.Equal("KernelCommandLineTooLong", Assert.Throws<OmnibusException>(() => QemuCommandLine.Build(Launch() with { GuestFacts = new Dictionary<string, string> { ["key"] = new string('A', 2000) } })).Id);

    [Fact]
    public void A_bridged_machine_uses_its_tap_device()
    {
        ProgramCommand command = QemuCommandLine.Build(Launch() with { TapDevice = "omnitap0" });
        Assert.Equal("tap,id=net0,script=no,downscript=no,ifname=omnitap0", After(command, "-netdev"));
    }

    [Fact]
    public void An_unknown_architecture_is_refused() =>
        Assert.Equal("ArchitectureUnsupported", Assert.Throws<OmnibusException>(() => QemuCommandLine.Build(Launch(m => m with { Architecture = "mips" }))).Id);

    [Theory]
    [InlineData("8080:80", "127.0.0.1:8080:80")]
    [InlineData("0.0.0.0:8080:80/tcp", "0.0.0.0:8080:80")]
    [InlineData("53:5353/UDP", "127.0.0.1:53:5353/udp")]
    public void A_port_forward_is_read(string text, string canonical) => Assert.Equal(canonical, PortForward.Parse(text).ToString());

    [Theory]
    [InlineData("80")]
    [InlineData("0:80")]
    [InlineData("65536:80")]
    [InlineData("80:+1")]
    [InlineData("host:80:80")]
    [InlineData("80:80/sctp")]
    [InlineData("127.0.0.1,x:80:80")]
    public void A_text_that_is_no_port_forward_is_refused(string text) =>
        Assert.Equal("PortForwardInvalid", Assert.Throws<OmnibusException>(() => PortForward.Parse(text)).Id);

    private static string After(ProgramCommand command, string option) => command.Arguments[command.Arguments.ToList().IndexOf(option) + 1];

    private static QemuLaunch Launch(Func<VmDefinition, VmDefinition>? change = null)
    {
        var machine = new VmDefinition { Name = "deb12", Id = Guid.Empty, Architecture = "amd64", MacAddress = "52:54:00:00:00:01" };
        return new QemuLaunch(change?.Invoke(machine) ?? machine, new VmFiles("/vms/deb12", "/run/deb12"), Accelerator.Tcg, 2222);
    }
}
