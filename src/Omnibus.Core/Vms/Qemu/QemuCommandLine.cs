using System.Globalization;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Machines;

namespace Omnibus.Core.Vms.Qemu;

/// <summary>Builds the argument list that QEMU runs a machine with (qemu(1), qemu-qmp-ref(7)).</summary>
internal static class QemuCommandLine
{
    /// <summary>Name of the root disk in QEMU's block layer; checkpoints name it.</summary>
    public const string DiskNode = "disk0";

    // The kernel cuts its command line after this many bytes (COMMAND_LINE_SIZE on x86 is 2048 with the NUL).
    private const int KernelCommandLineLimit = 2047;

    /// <summary>The program that emulates an architecture.</summary>
    /// <exception cref="OmnibusException"><c>ArchitectureUnsupported</c>.</exception>
    public static string Program(string architecture) => architecture switch
    {
        "amd64" => "qemu-system-x86_64",
        "arm64" => "qemu-system-aarch64",
        _ => throw new OmnibusException("ArchitectureUnsupported", ErrorKind.Unsupported, $"There are no machines of the architecture '{architecture}'.", architecture, "Use amd64 or arm64."),
    };

    /// <summary>Builds the command.</summary>
    public static ProgramCommand Build(QemuLaunch launch)
    {
        VmDefinition machine = launch.Machine;
        var arguments = new List<string>
        {
            "-name", $"{machine.Name},process=omnibus-{machine.Name}",
            "-uuid", machine.Id.ToString("D"),
            "-nodefaults", "-no-user-config",
            "-machine", MachineArgument(launch),
            "-accel", launch.Accelerator == Accelerator.Kvm ? "kvm" : "tcg,thread=multi",
            "-cpu", Processor(launch),
            "-smp", machine.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryMiB}M"),
            "-rtc", "base=utc",
        };
        AddDisks(arguments, launch);
        AddNetwork(arguments, launch);
        AddConsole(arguments, launch);
        if (machine.Boot == BootMode.DirectKernel)
        {
            arguments.AddRange(["-kernel", launch.Files.Kernel, "-initrd", launch.Files.Initrd, "-append", KernelCommandLine(launch)]);
        }

        else if (machine.Architecture == "arm64")
        {
            arguments.AddRange(["-bios", ArmFirmware()]);
        }

        if (launch.Options.Checkpoint is { } checkpoint)
        {
            arguments.AddRange(["-loadvm", checkpoint]);
        }

        if (machine.Boot == BootMode.BootLoader)
        {
            arguments.AddRange(["-fw_cfg", $"name=opt/omnibus/facts,file={Escape(launch.Files.Facts)}"]);
        }

        if (machine.PasswordHash is not null && machine.Boot != BootMode.Firmware)
        {
            // Through a file: a command line can be read by every user of the host.
            arguments.AddRange(["-fw_cfg", $"name=opt/omnibus/password,file={Escape(launch.Files.PasswordFile)}"]);
        }

        arguments.AddRange(["-daemonize", "-pidfile", VmInspection.PidFile(launch.Files), "-D", launch.Files.QemuLog, "-d", "plugin"]);
        arguments.AddRange(launch.Options.QemuArguments);
        return new ProgramCommand(Program(machine.Architecture), arguments)
        {
            Timeout = TimeSpan.FromMinutes(2),
            InheritEnvironment = launch.Options.Graphics,
        };
    }

    /// <summary>The kernel's command line: root file system, console, and what makes this guest itself.</summary>
    /// <exception cref="OmnibusException"><c>KernelCommandLineTooLong</c>.</exception>
    internal static string KernelCommandLine(QemuLaunch launch)
    {
        string console = launch.Machine.Architecture == "arm64" ? "ttyAMA0" : "ttyS0";
        var line = new StringBuilder("root=/dev/vda rw rootfstype=ext4 rootflags=noinit_itable fsck.mode=skip net.ifnames=0 quiet loglevel=4 console=").Append(console);
        if (launch.Accelerator == Accelerator.Tcg)
        {
            // Keeping the kernel's memory out of user space changes the page tables at each system call, and TCG then forgets its translations:
            // measured, a third of a boot's processor time. There is no speculation under TCG to be safe from.
            line.Append(" mitigations=off");
        }

        if (launch.GuestFacts.TryGetValue("id", out string? id))
        {
            // systemd(1): the id of this machine, whatever the image it lies over was.
            line.Append(" systemd.machine_id=").Append(id);
        }

        line.Append(FactWords(launch));

        return line.Length <= KernelCommandLineLimit
            ? line.ToString()
            : throw new OmnibusException("KernelCommandLineTooLong", ErrorKind.InvalidArgument, "The keys of this machine do not fit on the kernel's command line.", launch.Machine.Name, "Give fewer or shorter SSH keys.");
    }

    /// <summary>What the guest is told of itself: words <c>omnibus.NAME=VALUE</c>, each after a space.</summary>
    /// <exception cref="OmnibusException"><c>GuestFactInvalid</c>.</exception>
    internal static string FactWords(QemuLaunch launch)
    {
        var words = new StringBuilder();
        foreach ((string key, string value) in launch.GuestFacts.OrderBy(fact => fact.Key, StringComparer.Ordinal))
        {
            if (value.Any(c => c <= ' ' || c > '~' || c == '"'))
            {
                throw new OmnibusException("GuestFactInvalid", ErrorKind.InvalidArgument, $"The value of '{key}' holds a character that cannot be handed to a guest.", key);
            }

            words.Append(" omnibus.").Append(key).Append('=').Append(value);
        }

        return words.ToString();
    }

    private static string ArmFirmware()
    {
        string[] places = ["/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", "/usr/share/edk2/aarch64/QEMU_EFI.fd"];
        return places.FirstOrDefault(File.Exists) ?? throw new OmnibusException("ProgramMissing", ErrorKind.MissingDependency, "The firmware for arm64 machines is not installed.", "QEMU_EFI.fd", "Install qemu-efi-aarch64 (Debian) or edk2-aarch64 (Fedora).");
    }

    // TCG: a processor of the level x86-64-v2, which every living distribution starts on. With 'max' programs choose their AVX code, which TCG
    // translates badly: measured, a boot takes half as long again.
    private static string Processor(QemuLaunch launch) =>
        launch.Accelerator == Accelerator.Kvm ? "host" : launch.Machine.Architecture == "arm64" ? "max,pauth-impdef=on" : "Nehalem";

    private static string MachineArgument(QemuLaunch launch)
    {
        string type = launch.MachineType ?? (launch.Machine.Architecture == "arm64" ? "virt" : "q35");
        return launch.Machine.Architecture == "arm64" ? type : $"{type},vmport=off,smm=off";
    }

    private static void AddDisks(List<string> arguments, QemuLaunch launch)
    {
        // The guest's flushes reach the host's page cache, not its platter: dpkg asks for hundreds of them. A QEMU that dies loses nothing;
        // only a host that loses power may cost a machine. Discard lets the overlay shrink again.
        arguments.AddRange(
        [
            "-blockdev", $"driver=file,node-name=file0,filename={Escape(launch.Files.Disk)},discard=unmap,cache.no-flush=on",
            "-blockdev", $"driver=qcow2,node-name={DiskNode},file=file0,discard=unmap",
            "-device", $"virtio-blk-pci,drive={DiskNode},bootindex=1",
            "-device", "virtio-rng-pci",
        ]);
        if (File.Exists(launch.Files.Seed))
        {
            arguments.AddRange(
            [
                "-blockdev", $"driver=file,node-name=seedfile,read-only=on,filename={Escape(launch.Files.Seed)}",
                "-blockdev", "driver=raw,node-name=seed,read-only=on,file=seedfile",
                "-device", "virtio-blk-pci,drive=seed",
            ]);
        }
    }

    private static void AddNetwork(List<string> arguments, QemuLaunch launch)
    {
        VmDefinition machine = launch.Machine;
        var backend = new StringBuilder();
        if (launch.TapDevice is { } tap)
        {
            backend.Append("tap,id=net0,script=no,downscript=no,ifname=").Append(tap);
        }
        else
        {
            backend.Append("user,id=net0,hostname=").Append(machine.Name);
            foreach (PortForward forward in new[] { new PortForward(launch.SshPort, 22) }.Concat(machine.PortForwards).Concat(launch.Options.PortForwards))
            {
                backend.Append(",hostfwd=").Append(forward.ToHostForward());
            }
        }

        arguments.AddRange(["-netdev", backend.ToString(), "-device", $"virtio-net-pci,netdev=net0,mac={machine.MacAddress},romfile="]);
    }

    private static void AddConsole(List<string> arguments, QemuLaunch launch)
    {
        arguments.AddRange(
        [
            "-chardev", $"socket,id=console,server=on,wait=off,path={Escape(launch.Files.ConsoleSocket)},logfile={Escape(launch.Files.ConsoleLog)},logappend=on",
            "-serial", "chardev:console",
            "-qmp", $"unix:{Escape(launch.Files.ControlSocket)},server=on,wait=off",
            "-qmp", $"unix:{Escape(launch.Files.StatusSocket)},server=on,wait=off",
        ]);
        if (launch.Options.Graphics)
        {
            arguments.AddRange(["-display", "gtk", "-device", "virtio-vga", "-device", "qemu-xhci", "-device", "usb-tablet", "-device", "usb-kbd"]);
        }
        else
        {
            arguments.AddRange(["-display", "none"]);
        }
    }

    // In QEMU's option lists a comma ends a value, two stand for one (qemu(1), -blockdev and QemuOpts).
    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
