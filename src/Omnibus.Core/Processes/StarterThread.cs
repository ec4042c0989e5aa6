using System.Collections.Concurrent;
using System.Diagnostics;

namespace Omnibus.Core.Processes;

/// <summary>The one thread that starts programs; it lives as long as we do.</summary>
/// <remarks>
/// Programs that ask to be ended with their parent (PR_SET_PDEATHSIG: <c>bwrap --die-with-parent</c>, <c>setpriv --pdeathsig</c>) are ended by the kernel
/// when the <em>thread</em> that started them ends (prctl(2)), and threads of the pool come and go.
/// </remarks>
internal static class StarterThread
{
    private static readonly BlockingCollection<(Process Process, TaskCompletionSource Started)> s_queue = [];

    static StarterThread() => new Thread(Run) { IsBackground = true, Name = "program starter" }.Start();

    /// <summary>Starts a program; throws what <see cref="Process.Start()"/> throws.</summary>
    public static Task StartAsync(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        s_queue.Add((process, started));
        return started.Task;
    }

    private static void Run()
    {
        foreach ((Process process, TaskCompletionSource started) in s_queue.GetConsumingEnumerable())
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        }
    }
}
