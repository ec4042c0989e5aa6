using System.Diagnostics;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Vms.Guests;

namespace Omnibus.Core.Vms.Testing;

/// <summary>Runs the steps of a test, measures them and reports each as a check.</summary>
internal sealed class TestLog(IPackageTestTarget target, Action<PackageTestCheck> onCheck)
{
    private const int NamesShown = 5;

    /// <summary>Whether no check failed so far.</summary>
    public bool AllPassed { get; private set; } = true;

    /// <summary>Reports a check.</summary>
    public void Add(string check, PackageTestResult result, TimeSpan duration, string detail, string transcript)
    {
        AllPassed &= result != PackageTestResult.Failed;
        onCheck(new PackageTestCheck(target.Name, check, result, duration, detail, transcript));
    }

    /// <summary>Does something that gives a name, and reports it under that name.</summary>
    public async Task<bool> DoAsync(string check, Func<Task<string>> action, Func<string, string> name)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            string done = await action().ConfigureAwait(false);
            Add(name(done), PackageTestResult.Passed, watch.Elapsed, string.Empty, string.Empty);
            return true;
        }
        catch (OmnibusException e) when (e.Kind == ErrorKind.Timeout)
        {
            Add(check, PackageTestResult.Failed, watch.Elapsed, FirstLine(e.Message), e.Message);
            return false;
        }
    }

    /// <summary>Runs a script; without a name it is reported only when it fails.</summary>
    public async Task<bool> RunAsync(string? check, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken, Func<GuestCommandResult, string>? detail = null)
    {
        GuestCommandResult result = await target.RunAsync(script, arguments, progress, cancellationToken).ConfigureAwait(false);
        bool passed = result.ExitCode == 0;
        string transcript = Transcript(result);
        if (check is not null || !passed)
        {
            string line = passed ? detail?.Invoke(result) ?? string.Empty : LastLine(transcript);
            Add(check ?? "prepare", passed ? PackageTestResult.Passed : PackageTestResult.Failed, result.Duration, line, transcript);
        }

        return passed;
    }

    /// <summary>Runs a script for its output; a failure is reported.</summary>
    public async Task<string?> ReadAsync(string check, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        GuestCommandResult result = await target.RunAsync(script, arguments, progress, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
        {
            return result.StandardOutput;
        }

        string transcript = Transcript(result);
        Add(check, PackageTestResult.Failed, result.Duration, LastLine(transcript), transcript);
        return null;
    }

    /// <summary>Runs a smoke command and looks for the text that it must print.</summary>
    public async Task SmokeAsync(SmokeCommand smoke, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        GuestCommandResult result = await target.RunAsync("\"$@\"", smoke.Arguments, progress, cancellationToken).ConfigureAwait(false);
        string transcript = Transcript(result);
        bool said = smoke.ExpectedOutput is null || result.StandardOutput.Contains(smoke.ExpectedOutput, StringComparison.Ordinal);
        bool passed = result.ExitCode == 0 && said;
        string detail = passed ? FirstLine(result.StandardOutput) : result.ExitCode != 0 ? $"exit code {result.ExitCode}: {LastLine(transcript)}" : $"the output does not hold '{smoke.ExpectedOutput}'";
        Add($"smoke: {string.Join(' ', smoke.Arguments)}", passed ? PackageTestResult.Passed : PackageTestResult.Failed, result.Duration, detail, transcript);
    }

    /// <summary>Reports what the removal left behind.</summary>
    public async Task LeftBehindAsync(IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        GuestCommandResult result = await target.RunAsync(CommonScripts.NewFiles, [], progress, cancellationToken).ConfigureAwait(false);
        string[] left = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string detail = left.Length == 0
            ? "0 files left"
            : $"{left.Length} left: {string.Join(", ", left.Take(NamesShown))}{(left.Length > NamesShown ? ", ..." : string.Empty)}";
        Add("left behind", left.Length == 0 ? PackageTestResult.Passed : PackageTestResult.Warning, result.Duration, detail, result.StandardOutput);
    }

    private static string Transcript(GuestCommandResult result) =>
        result.StandardError.Length == 0 ? result.StandardOutput : $"{result.StandardOutput}{result.StandardError}";

    private static string FirstLine(string text) => text.TrimStart().Split('\n')[0].Trim();

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();
}
