using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Host;

/// <summary>Checks whether this host can make and run machines: programs, /dev/kvm and whether it really runs a guest, memory, disk, user namespaces.</summary>
public sealed partial class VmHostCheck(VmDirectory directory)
{
    private const long MiB = 1024 * 1024;

    /// <summary>Runs all checks.</summary>
    /// <param name="progress">Told the programs that are run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<HostCheckItem>> RunAsync(IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var items = new List<HostCheckItem>();
        items.AddRange(Programs());
        items.Add(await KvmAsync(progress, cancellationToken).ConfigureAwait(false));
        items.Add(await TcgAsync(progress, cancellationToken).ConfigureAwait(false));
        items.Add(Memory());
        items.Add(DiskSpace());
        items.Add(Namespaces());
        return items;
    }

    /// <summary>Chooses the accelerator for a machine, and says why where KVM was hoped for and is not taken.</summary>
    /// <param name="wanted">What the caller asked for.</param>
    /// <param name="architecture">The guest's architecture.</param>
    /// <param name="progress">Told the command line of the probe.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OmnibusException"><c>KvmUnusable</c> when KVM was demanded and does not run a guest.</exception>
    public async Task<(Accelerator Accelerator, string? Reason)> ChooseAsync(Accelerator wanted, string architecture, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (wanted == Accelerator.Tcg)
        {
            return (Accelerator.Tcg, null);
        }

        string? reason = architecture == HostArchitecture
            ? await WhyNoKvmAsync(progress, cancellationToken).ConfigureAwait(false)
            : $"the guest's architecture {architecture} is not the host's ({HostArchitecture})";
        if (reason is null)
        {
            return (Accelerator.Kvm, null);
        }

        return wanted == Accelerator.Auto
            ? (Accelerator.Tcg, reason)
            : throw new OmnibusException("KvmUnusable", ErrorKind.MissingDependency, $"KVM cannot run the machine: {reason}.", "/dev/kvm", "Use -Accelerator Tcg, or Auto to take KVM only where it works.");
    }

    /// <summary>The host's architecture in Debian's words.</summary>
    internal static string HostArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Why KVM cannot be used, or null when it really ran a guest.</summary>
    internal async Task<string?> WhyNoKvmAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (!File.Exists("/dev/kvm"))
        {
            return "/dev/kvm does not exist";
        }

        try
        {
            using var device = new FileStream("/dev/kvm", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return e is UnauthorizedAccessException ? $"{Environment.UserName} may not open /dev/kvm" : $"/dev/kvm does not open: {e.Message}";
        }

        if (HostArchitecture != "amd64")
        {
            // The probe's firmware is x86 code; elsewhere an open device has to do.
            return null;
        }

        if (ReadVerdict() is { } verdict)
        {
            return verdict.Length == 0 ? null : verdict;
        }

        string? reason = await KvmProbe.RunAsync(Accelerator.Kvm, directory.CacheFolder, null, progress, cancellationToken).ConfigureAwait(false);
        WriteVerdict(reason);
        return reason;
    }

    private static IEnumerable<HostCheckItem> Programs()
    {
        (string Program, bool Needed, string Why)[] programs =
        [
            (HostArchitecture == "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64", true, "runs machines"),
            ("qemu-img", true, "makes disks"),
            ("ssh", true, "reaches guests"),
            ("scp", true, "copies files"),
            ("ssh-keygen", true, "makes the machine's key"),
            ("mmdebstrap", false, "makes Debian and Ubuntu images"),
            ("mke2fs", false, "makes file systems"),
        ];
        foreach ((string program, bool needed, string why) in programs)
        {
            if (ProgramRunner.Find(program) is { } path)
            {
                yield return new HostCheckItem($"program {program}", HostCheckResult.Passed, path);
                continue;
            }

            string? advice = null;
            try
            {
                ProgramRunner.Require(program);
            }
            catch (OmnibusException e)
            {
                advice = e.Advice;
            }

            yield return new HostCheckItem($"program {program}", needed ? HostCheckResult.Failed : HostCheckResult.Warning, $"is not installed; it {why}", advice);
        }
    }

    private async Task<HostCheckItem> KvmAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        const string check = "KVM runs a guest";
        if (ProgramRunner.Find("qemu-system-x86_64") is null && HostArchitecture == "amd64")
        {
            return new HostCheckItem(check, HostCheckResult.Warning, "not tried: QEMU is not installed");
        }

        ForgetVerdict();
        string? reason = await WhyNoKvmAsync(progress, cancellationToken).ConfigureAwait(false);
        if (reason is null)
        {
            return new HostCheckItem(check, HostCheckResult.Passed, "a tiny guest ran under KVM");
        }

        string advice = reason.Contains("may not open", StringComparison.Ordinal)
            ? $"Add {Environment.UserName} to the group that owns /dev/kvm (usually kvm) and log in again."
            : "Machines run under TCG, several times slower. Switch virtualisation on in the host's firmware, or allow nested virtualisation, for KVM.";
        return new HostCheckItem(check, HostCheckResult.Warning, reason, advice);
    }

    private async Task<HostCheckItem> TcgAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        const string check = "TCG runs a guest";
        if (HostArchitecture != "amd64" || ProgramRunner.Find("qemu-system-x86_64") is null)
        {
            return new HostCheckItem(check, HostCheckResult.Warning, "not tried on this host");
        }

        string? reason = await KvmProbe.RunAsync(Accelerator.Tcg, directory.CacheFolder, TimeSpan.FromSeconds(30), progress, cancellationToken).ConfigureAwait(false);
        return reason is null
            ? new HostCheckItem(check, HostCheckResult.Passed, "a tiny guest ran under TCG")
            : new HostCheckItem(check, HostCheckResult.Failed, reason, "Reinstall QEMU with the distribution's package manager.");
    }

    private static HostCheckItem Memory()
    {
        long available = AvailableMemory();
        return new HostCheckItem(
            "memory",
            available < 700 * MiB ? HostCheckResult.Warning : HostCheckResult.Passed,
            string.Create(CultureInfo.InvariantCulture, $"{available / MiB} MiB available"),
            available < 700 * MiB ? "A machine takes 512 MiB by default and QEMU some more." : null);
    }

    private HostCheckItem DiskSpace()
    {
        long free = FreeSpace(directory.DataFolder);
        return new HostCheckItem(
            "disk space",
            free < 2048 * MiB ? HostCheckResult.Warning : HostCheckResult.Passed,
            string.Create(CultureInfo.InvariantCulture, $"{free / MiB} MiB free for {directory.DataFolder}"),
            free < 2048 * MiB ? "A base image takes about 500 MiB, and as much again while it is made." : null);
    }

    private static HostCheckItem Namespaces()
    {
        const string check = "images without root";
        if (Environment.UserName == "root")
        {
            return new HostCheckItem(check, HostCheckResult.Passed, "not needed: this is root");
        }

        bool ranges = HasRange("/etc/subuid") && HasRange("/etc/subgid") && ProgramRunner.Find("newuidmap") is not null;
        return ranges
            ? new HostCheckItem(check, HostCheckResult.Passed, "user namespaces with a range of ids")
            : new HostCheckItem(check, HostCheckResult.Warning, $"{Environment.UserName} has no range of ids in /etc/subuid and /etc/subgid, or newuidmap is missing", "Install uidmap, then: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
    }

    /// <summary>Memory that can be had without swapping, in bytes (proc(5), MemAvailable).</summary>
    internal static long AvailableMemory()
    {
        Match match = MemAvailable().Match(File.ReadAllText("/proc/meminfo"));
        return match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * 1024 : long.MaxValue;
    }

    /// <summary>Free bytes of the file system that a folder is on, or will be on.</summary>
    internal static long FreeSpace(string folder)
    {
        string existing = folder;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing) ?? "/";
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }

    private static bool HasRange(string path)
    {
        try
        {
            return File.ReadLines(path).Any(line => line.StartsWith(Environment.UserName + ":", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string HostBoot => RunningProcess.Find(Environment.ProcessId)?.HostBoot ?? string.Empty;

    // The verdict holds until the host is started again, so that starting a machine does not probe each time.
    private string VerdictFile => Path.Combine(directory.RuntimeFolder, "kvm-verdict");

    private string? ReadVerdict()
    {
        try
        {
            string[] lines = File.ReadAllText(VerdictFile).Split('\n', 2);
            return lines.Length == 2 && lines[0] == HostBoot ? lines[1].Trim() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void WriteVerdict(string? reason)
    {
        Directory.CreateDirectory(directory.RuntimeFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(VerdictFile, $"{HostBoot}\n{reason}\n");
    }

    private void ForgetVerdict()
    {
        if (Directory.Exists(directory.RuntimeFolder))
        {
            File.Delete(VerdictFile);
        }
    }

    [GeneratedRegex(@"^MemAvailable:\s+([0-9]+) kB", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MemAvailable();
}
