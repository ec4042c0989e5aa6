using System.Globalization;
using System.Runtime.InteropServices;

namespace Omnibus.Core.Vms.State;

/// <summary>Tells whether the process with an id is still the one that was started, and ends it.</summary>
internal static partial class ProcessIdentity
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    /// <summary>The host's boot id, which changes at each start of the host (random(4)).</summary>
    public static string HostBoot { get; } = ReadHostBoot();

    /// <summary>When a process started, in clock ticks since boot; null when there is no such process or it is a zombie.</summary>
    public static long? StartTicks(int processId)
    {
        try
        {
            // proc(5): the program's name in parentheses may hold spaces and parentheses itself.
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > 19 && fields[0] is not ("Z" or "X") && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
                ? ticks
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Whether the QEMU of a run is alive.</summary>
    public static bool IsAlive(VmRun run) => run.HostBoot == HostBoot && StartTicks(run.ProcessId) == run.StartTicks;

    /// <summary>Asks a run's QEMU to end at once, then forces it.</summary>
    /// <returns>Whether it is gone.</returns>
    public static async Task<bool> EndAsync(VmRun run, CancellationToken cancellationToken)
    {
        foreach ((int signal, int tries) in new[] { (SigTerm, 40), (SigKill, 100) })
        {
            if (!IsAlive(run))
            {
                return true;
            }

            _ = Kill(run.ProcessId, signal);
            for (int i = 0; i < tries && IsAlive(run); i++)
            {
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            }
        }

        return !IsAlive(run);
    }

    private static string ReadHostBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
