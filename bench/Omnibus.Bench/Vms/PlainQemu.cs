using System.Diagnostics;
using System.Globalization;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.State;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Bench.Vms;

/// <summary>The peer: QEMU as its manual would start the image, and ssh in a loop.</summary>
/// <param name="files">The machine whose image, kernel and key are used.</param>
/// <param name="accelerator">What our machine runs under.</param>
/// <param name="kernelArguments">The kernel's command line, which makes the guest itself.</param>
/// <param name="cpus">Its processors.</param>
/// <param name="scratch">Folder for disks.</param>
internal sealed class PlainQemu(VmFiles files, string accelerator, string kernelArguments, int cpus, string scratch)
{
    /// <summary>Takes image, kernel, kernel arguments and accelerator from a machine of ours that runs.</summary>
    public static async Task<PlainQemu> LikeAsync(VmDirectory machines, string name, string scratch)
    {
        VmDefinition machine = machines.Load(name);
        VmRun run = machine.Run!;
        string[] line = (await File.ReadAllTextAsync($"/proc/{run.Process.ProcessId}/cmdline")).Split('\0');
        return new PlainQemu(machines.Files(name), run.Accelerator == Accelerator.Kvm ? "kvm" : "tcg", line[Array.IndexOf(line, "-append") + 1], machine.Cpus, scratch);
    }

    /// <summary>Boots it from a new disk.</summary>
    /// <returns>From the start of QEMU until ssh has run a command.</returns>
    public async Task<TimeSpan> BootAsync(TimeSpan patience)
    {
        string disk = Path.Combine(scratch, "plain.qcow2");
        File.Delete(disk);
        await RunAsync("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", Path.GetFullPath(files.Base), disk);
        string port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("qemu-system-x86_64",
        [
            "-accel", accelerator, "-m", "512", "-smp", cpus.ToString(CultureInfo.InvariantCulture), "-display", "none", "-serial", $"file:{scratch}/plain.log", "-kernel", files.Kernel, "-initrd", files.Initrd, "-append", kernelArguments,
            "-drive", $"file={disk},format=qcow2,if=virtio", "-nic", $"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{port}-:22",
        ]) { RedirectStandardError = true };
        long begin = Stopwatch.GetTimestamp();
        using Process qemu = Process.Start(start)!;
        try
        {
            string[] ssh = ["-F", "none", "-i", files.PrivateKey, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=60", "-o", "LogLevel=QUIET", "-p", port, "root@127.0.0.1", "true"];
            while (!await TryAsync("ssh", ssh))
            {
                if (qemu.HasExited || Stopwatch.GetElapsedTime(begin) > patience)
                {
                    throw new InvalidOperationException($"the plain QEMU did not come up: {(qemu.HasExited ? await qemu.StandardError.ReadToEndAsync() : "no answer")}");
                }

                await Task.Delay(150);
            }

            return Stopwatch.GetElapsedTime(begin);
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync();
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        if (!await TryAsync(program, arguments))
        {
            throw new InvalidOperationException($"{program} failed");
        }
    }

    private static async Task<bool> TryAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
