using System.Diagnostics;
using System.Management.Automation;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>
/// Carries the engine's reports to the pipeline thread: steps become a progress bar (one every 200 ms at most), commands and
/// details become verbose lines, warnings become warnings. Reports may come from any thread.
/// </summary>
internal sealed class PipelineProgress : IProgress<OperationProgress>
{
    private static readonly long s_interval = Stopwatch.Frequency / 5;
    private static int s_lastActivityId;

    private readonly Cmdlet _cmdlet;
    private readonly SynchronizationContext _pump;
    private readonly int _activityId = Interlocked.Increment(ref s_lastActivityId);
    private long _next;
    private string? _shown;

    /// <summary>Makes the sink on the pump's thread.</summary>
    public PipelineProgress(Cmdlet cmdlet, SynchronizationContext pump)
    {
        _cmdlet = cmdlet;
        _pump = pump;
    }

    /// <inheritdoc/>
    public void Report(OperationProgress value)
    {
        if (value.Kind == ProgressKind.Step)
        {
            long now = Stopwatch.GetTimestamp();
            long next = Volatile.Read(ref _next);
            if (now < next || Interlocked.CompareExchange(ref _next, now + s_interval, next) != next)
            {
                return;
            }
        }

        _pump.Post(static state => ((Action)state!)(), new Action(() => Write(value)));
    }

    /// <summary>Takes the progress bar away. On the pipeline thread.</summary>
    public void Complete()
    {
        if (_shown is { } activity)
        {
            _shown = null;
            _cmdlet.WriteProgress(new ProgressRecord(_activityId, activity, "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void Write(OperationProgress value)
    {
        switch (value.Kind)
        {
            case ProgressKind.Step:
                _shown = OrSpace(value.Activity);
                _cmdlet.WriteProgress(new ProgressRecord(_activityId, _shown, OrSpace(value.Status))
                {
                    CurrentOperation = value.Item,
                    PercentComplete = value.Fraction is { } fraction ? (int)(Math.Clamp(fraction, 0, 1) * 100) : -1,
                });
                break;
            case ProgressKind.Warning:
                _cmdlet.WriteWarning(Join(value));
                break;
            case ProgressKind.Command:
                _cmdlet.WriteVerbose($"{value.Activity}: running {value.Status}");
                break;
            default:
                _cmdlet.WriteVerbose(Join(value));
                break;
        }
    }

    private static string Join(OperationProgress value) => value.Activity.Length == 0 ? value.Status : $"{value.Activity}: {value.Status}";

    // ProgressRecord refuses empty texts.
    private static string OrSpace(string text) => text.Length == 0 ? " " : text;
}
