using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>
/// The base of cmdlets that await the engine. Override the three methods that end in Async; they run on the pipeline thread, so
/// write, ask and throw directly, and never use ConfigureAwait(false) in a cmdlet.
/// </summary>
/// <remarks>
/// An <see cref="OmnibusException"/> that leaves <see cref="ProcessRecordAsync"/> is written as an error, and the next input comes
/// to its turn; one that leaves <see cref="BeginProcessingAsync"/> or <see cref="EndProcessingAsync"/> ends the command.
/// </remarks>
public abstract class OmnibusAsyncCmdlet : OmnibusCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private PipelineProgress? _progress;

    /// <summary>Cancelled by Ctrl+C and when the pipeline is stopped.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <summary>Takes the engine's reports: progress bar, verbose lines, warnings.</summary>
    protected IProgress<OperationProgress> Progress =>
        _progress ??= new PipelineProgress(this, SynchronizationContext.Current ?? throw new InvalidOperationException("Progress is reported from the asynchronous methods only."));

    /// <summary>Ends what is still open. Called even when the pipeline was stopped, unlike EndProcessing.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Before the first input.</summary>
    protected virtual Task BeginProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>For each input.</summary>
    protected virtual Task ProcessRecordAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the last input.</summary>
    protected virtual Task EndProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Releases what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(BeginProcessingAsync, goesOn: false);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessRecordAsync, goesOn: true);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(EndProcessingAsync, goesOn: false);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => Cancel();

    private void Run(Func<CancellationToken, Task> body, bool goesOn)
    {
        try
        {
            PipelinePump.Run(() => body(_stop.Token), Cancel);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e) && !Stopping)
        {
            if (!goesOn)
            {
                ThrowError(e);
            }

            WriteErrors(e);
        }
        finally
        {
            if (!Stopping)
            {
                _progress?.Complete();
            }

            // The next call has a pump of its own.
            _progress = null;
        }
    }

    private void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Stop came after the end.
        }
    }
}
