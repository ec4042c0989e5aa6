using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>
/// Runs an asynchronous body on the pipeline thread: everything after an await comes back here, so the body may call
/// WriteObject, WriteError, ShouldProcess and the rest directly, while the engine works on the thread pool.
/// </summary>
internal sealed class PipelinePump : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];
    private readonly int _threadId = Environment.CurrentManagedThreadId;

    /// <summary>Runs the body to its end. When anything that it posted fails, the body is cancelled, awaited, and the failure is thrown.</summary>
    /// <param name="body">Starts on the calling thread.</param>
    /// <param name="cancel">Cancels the token that the body was given.</param>
    public static void Run(Func<Task> body, Action cancel)
    {
        SynchronizationContext? previous = Current;
        var pump = new PipelinePump();
        SetSynchronizationContext(pump);
        ExceptionDispatchInfo? failure = null;
        try
        {
            Task task;
            try
            {
                task = body();
            }
            catch (Exception e)
            {
                task = Task.FromException(e);
            }

            task.ContinueWith(
                static (_, state) => ((PipelinePump)state!)._work.CompleteAdding(),
                pump,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            foreach ((SendOrPostCallback callback, object? state) in pump._work.GetConsumingEnumerable(CancellationToken.None))
            {
                try
                {
                    callback(state);
                }
                catch (Exception e)
                {
                    failure ??= ExceptionDispatchInfo.Capture(e);
                    cancel();
                }
            }

            failure?.Throw();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(previous);
            pump._work.Dispose();
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _work.Add((d, state), CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // The body has ended (ObjectDisposedException is one too): a late progress report is dropped.
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _threadId)
        {
            throw new NotSupportedException("The pipeline thread takes no calls that wait.");
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}
