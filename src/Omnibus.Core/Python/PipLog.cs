using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python;

/// <summary>Reads what pip says: what it is at while it runs, and why it failed.</summary>
internal sealed partial class PipLog(string subject, PythonEnvironmentSpec spec)
{
    private const int KeptLines = 400;
    private readonly Queue<string> _lines = new();
    private readonly Lock _gate = new();
    private volatile string? _at;

    /// <summary>Called with what pip works on: <c>MarkupSafe 2.1.2</c>.</summary>
    public Action<string>? OnDistribution { get; init; }

    /// <summary>Takes a line; both streams of pip come here.</summary>
    public void Add(string line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }
        }

        if (Working().Match(line) is { Success: true } match)
        {
            _at = Distribution(match.Groups[1].Value);
            OnDistribution?.Invoke(_at);
        }
    }

    /// <summary>The error for a run of pip that failed.</summary>
    public OmnibusException Failure(int exitCode)
    {
        string[] lines;
        lock (_gate)
        {
            lines = [.. _lines.Select(l => l.TrimEnd()).Where(l => l.Length > 0)];
        }

        string log = string.Join('\n', lines);
        string end = "\nThe end of pip's log:\n" + string.Join('\n', lines.TakeLast(20).Select(l => "  " + l));
        string where = spec.IsOffline
            ? spec.WheelDirectories.Count == 0 ? "no wheel directory is given and no index may be asked" : $"no wheel or source in {string.Join(", ", spec.WheelDirectories)}"
            : "the index has none that fits";
        if (log.Contains("No space left on device", StringComparison.Ordinal))
        {
            return new OmnibusException(
                "DiskFull", ErrorKind.Storage, $"{subject}: the disk is full; pip could not go on.{end}", subject, "Free some space, or set XDG_CACHE_HOME to a larger disk.");
        }

        if (log.Contains("DO NOT MATCH THE HASHES", StringComparison.Ordinal))
        {
            string wheel = HashedFrom().Match(log) is { Success: true } m ? m.Groups[1].Value.Trim() : "a distribution";
            return new OmnibusException(
                "PythonHashMismatch",
                ErrorKind.Security,
                $"{subject}: {wheel} does not have the hash that the requirements give.{end}",
                wheel,
                "Find out why it differs before anything else. If the new file is the right one, write its hash into the requirements.");
        }

        if (MissingHash().Match(log) is { Success: true } unhashed)
        {
            return Failed(
                $"'{unhashed.Groups[1].Value}' has no hash, and hashes are required.", end, unhashed.Groups[1].Value, "Pin it with == and --hash in a requirements file, dependencies included, or set python.require_hashes to false.");
        }

        if (NoMatch().Match(log) is { Success: true } missing)
        {
            string name = missing.Groups[1].Value.Trim();
            return Failed(
                $"pip could not install '{name}': {where}.",
                end,
                name,
                spec.IsOffline ? "Add it to the wheel directory, or set python.index in the recipe." : "Check its name and version, and that the interpreter is new enough for it.");
        }

        if (log.Contains("ResolutionImpossible", StringComparison.Ordinal))
        {
            return Failed("the requirements contradict each other.", end, subject, "Loosen one of the requirements that the log names.");
        }

        if (BuildFailed().Match(log) is { Success: true } broken)
        {
            string name = broken.Groups[1].Success ? broken.Groups[1].Value : _at ?? "a distribution";
            return Failed(
                $"pip could not build {name} from its source.", end, name, "Install what its build needs (a compiler, header packages, its build backend) on this machine, or provide a wheel.");
        }

        return Failed($"pip ended with exit code {exitCode}.", end, subject, null);
    }

    private OmnibusException Failed(string what, string end, object item, string? advice) =>
        new("PipFailed", ErrorKind.ProgramFailed, $"{subject}: {what}{end}", item, advice);

    // "MarkupSafe==2.1.2" and "./wheelhouse/MarkupSafe-2.1.2.tar.gz" both become "MarkupSafe 2.1.2".
    private static string Distribution(string text)
    {
        string name = Path.GetFileName(text.TrimEnd('/'));
        Match file = FileName().Match(name);
        return file.Success ? $"{file.Groups[1].Value} {file.Groups[2].Value}" : name.Replace("==", " ", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\s*(?:Collecting|Processing|Building wheel for|Downloading) ([^\s;(]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Working();

    [GeneratedRegex(@"^([A-Za-z0-9_.]+?)-(\d[^-]*?)(?:-.*\.whl|\.tar\.gz|\.zip|\.tar\.bz2)$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();

    [GeneratedRegex("No matching distribution found for ([^\n(]+)", RegexOptions.CultureInvariant)]
    private static partial Regex NoMatch();

    [GeneratedRegex("DO NOT MATCH THE HASHES[^\n]*\n(?:[^\n]*\n)?\\s*([^\n]+?):?\\s*\n\\s*Expected", RegexOptions.CultureInvariant)]
    private static partial Regex HashedFrom();

    [GeneratedRegex("Hashes are required in --require-hashes mode[^\n]*\n\\s*([^\\s;]+)|In --require-hashes mode, all requirements must[^\n]*\n\\s*([^\\s;]+)", RegexOptions.CultureInvariant)]
    private static partial Regex MissingHash();

    [GeneratedRegex("Failed (?:to build|building wheel for) ([^\\s]+)|(?:metadata-generation-failed|subprocess-exited-with-error)", RegexOptions.CultureInvariant)]
    private static partial Regex BuildFailed();
}
