using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Processes;

/// <summary>A program to run: an argument list, never a shell string.</summary>
/// <param name="Program">Name looked up in PATH, or an absolute path.</param>
/// <param name="Arguments">Arguments, passed as they are.</param>
public sealed record ProgramCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The variables that the program sees, all of them, when <see cref="InheritEnvironment"/> is false; additions otherwise. A null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether the program starts from our own environment. Off by default: PATH, HOME, TMPDIR and LC_ALL=C.UTF-8 only.</summary>
    public bool InheritEnvironment { get; init; }

    /// <summary>The folder it runs in, or null for ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What it reads from standard input; null closes it at once.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Takes standard output as bytes instead of text; <see cref="ProgramResult.StandardOutput"/> is then empty.</summary>
    public Stream? StandardOutputTo { get; init; }

    /// <summary>Called with each line of output as it comes, from either stream.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>Ends the program after this long; null waits.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Exit codes that are no failure.</summary>
    public IReadOnlyList<int> SuccessCodes { get; init; } = [0];

    /// <summary>Positions of arguments that must not be shown (secrets).</summary>
    public IReadOnlySet<int> SecretArguments { get; init; } = new HashSet<int>();

    /// <summary>The command line, quoted so that it can be pasted into a shell; secrets are shown as <c>***</c>.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Quote(Program) }.Concat(Arguments.Select((a, i) => SecretArguments.Contains(i) ? "***" : Quote(a))));

    private static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? text
            : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>Reports the command for -Verbose.</summary>
    internal OperationProgress AsProgress(string activity) => new(activity, ToString()) { Kind = ProgressKind.Command };
}

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">Its exit code; 128 + n for signal n.</param>
/// <param name="StandardOutput">Its standard output (bounded, the beginning is kept).</param>
/// <param name="StandardError">Its standard error (bounded, the end is kept).</param>
/// <param name="Duration">How long it ran.</param>
public sealed record ProgramResult(int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration);
