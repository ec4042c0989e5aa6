namespace Omnibus.Core.Diagnostics;

/// <summary>What an engine's report is about.</summary>
public enum ProgressKind
{
    /// <summary>Work went on: shown as a progress bar.</summary>
    Step,

    /// <summary>An outside program is started: shown with -Verbose, copy-pasteable.</summary>
    Command,

    /// <summary>Something is done that is worth a verbose line.</summary>
    Detail,

    /// <summary>Something unexpected that does not stop the work.</summary>
    Warning,
}

/// <summary>A report of the engine to whoever started it.</summary>
/// <param name="Activity">The work as a whole, for example <c>debian-12</c>.</param>
/// <param name="Status">The step, the command line or the warning.</param>
public sealed record OperationProgress(string Activity, string Status)
{
    /// <summary>What the report is about.</summary>
    public ProgressKind Kind { get; init; }

    /// <summary>The file, package or object at hand, or null.</summary>
    public string? Item { get; init; }

    /// <summary>Share of the work that is done, 0 to 1, or null when unknown.</summary>
    public double? Fraction { get; init; }

    /// <summary>A warning.</summary>
    public static OperationProgress Warning(string activity, string message) => new(activity, message) { Kind = ProgressKind.Warning };

    /// <summary>A verbose line.</summary>
    public static OperationProgress Detail(string activity, string message) => new(activity, message) { Kind = ProgressKind.Detail };
}
