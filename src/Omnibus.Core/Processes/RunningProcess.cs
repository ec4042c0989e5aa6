using System.Globalization;
using System.Runtime.InteropServices;

namespace Omnibus.Core.Processes;

/// <summary>A process that outlives us, named so that a later process of the same id is never taken for it.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot (proc(5), field 22 of stat).</param>
/// <param name="HostBoot">The host's boot id at that time (random(4)).</param>
public sealed partial record RunningProcess(int ProcessId, long StartTicks, string HostBoot)
{
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether it still runs.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsAlive => HostBoot == CurrentBoot() && ReadStartTicks(ProcessId) == StartTicks;

    /// <summary>Names a process that runs now.</summary>
    /// <returns>Null when there is none of that id.</returns>
    public static RunningProcess? Find(int processId) =>
        ReadStartTicks(processId) is { } ticks ? new RunningProcess(processId, ticks, CurrentBoot()) : null;

    /// <summary>Asks it to end, and forces it after a while.</summary>
    /// <param name="patience">How long it may take to end by itself.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> EndAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach ((int signal, TimeSpan time) in new[] { (SigTerm, patience), (SigKill, TimeSpan.FromSeconds(5)) })
        {
            if (!IsAlive)
            {
                return true;
            }

            _ = Kill(ProcessId, signal);
            for (TimeSpan waited = TimeSpan.Zero; waited < time && IsAlive; waited += s_poll)
            {
                await Task.Delay(s_poll, cancellationToken).ConfigureAwait(false);
            }
        }

        return !IsAlive;
    }

    private static long? ReadStartTicks(int processId)
    {
        try
        {
            // The program's name in parentheses may hold spaces and parentheses itself.
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

    private static string CurrentBoot()
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
