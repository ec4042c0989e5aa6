using System.Globalization;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Recipes.Yaml;

/// <summary>The mistakes of a file, gathered so that all are told at once.</summary>
internal sealed class YamlProblems(string file)
{
    // A file with more mistakes than this is told in part: nobody mends a thousand from one message.
    private const int Limit = 200;
    private const int Shown = 20;
    private readonly List<(Finding Finding, ErrorKind Kind)> _found = [];

    /// <summary>Whether there is an error.</summary>
    public bool HasErrors => _found.Exists(f => f.Finding.Severity == FindingSeverity.Error);

    /// <summary>Everything found, by place.</summary>
    public IReadOnlyList<Finding> Findings => [.. _found.Select(f => f.Finding).OrderBy(f => f.Line ?? 0).ThenBy(f => f.Column ?? 0)];

    /// <summary>Adds a mistake.</summary>
    /// <param name="id">Stable id.</param>
    /// <param name="position">Where.</param>
    /// <param name="path">The key, for example <c>packages[1].depends</c>.</param>
    /// <param name="message">What is wrong, without the place.</param>
    /// <param name="advice">What to do, or null.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="kind">What sort of failure it is when it is the only one.</param>
    public void Add(
        string id,
        YamlPosition position,
        string path,
        string message,
        string? advice = null,
        FindingSeverity severity = FindingSeverity.Error,
        ErrorKind kind = ErrorKind.InvalidData)
    {
        var finding = new Finding(id, severity, message, position.File, path.Length == 0 ? null : path)
        {
            Line = position.Line,
            Column = position.Column,
            Advice = advice,
        };

        // The same value may be read more than once (an alias, a plan for each distribution).
        if (_found.Count < Limit && !_found.Exists(f => f.Finding == finding))
        {
            _found.Add((finding, kind));
        }
    }

    /// <summary>Throws when there is an error: under its own id when it is the only one, as <paramref name="id"/> otherwise.</summary>
    public void ThrowIfAny(string id)
    {
        if (HasErrors)
        {
            throw ToException(id);
        }
    }

    /// <summary>All errors as one exception.</summary>
    public OmnibusException ToException(string id)
    {
        IReadOnlyList<Finding> errors = [.. Findings.Where(f => f.Severity == FindingSeverity.Error)];
        if (errors.Count == 1)
        {
            Finding only = errors[0];
            return new OmnibusException(only.Id, _found.First(f => f.Finding == only).Kind, Describe(only), file, only.Advice) { Findings = Findings };
        }

        var message = new StringBuilder();
        message.Append(CultureInfo.InvariantCulture, $"{file}: {errors.Count} mistakes.");
        foreach (Finding finding in errors.Take(Shown))
        {
            message.Append('\n').Append(Describe(finding));
        }

        if (errors.Count > Shown)
        {
            message.Append(CultureInfo.InvariantCulture, $"\n… and {errors.Count - Shown} more.");
        }

        return new OmnibusException(id, ErrorKind.InvalidData, message.ToString(), file) { Findings = Findings };
    }

    private static string Describe(Finding finding) =>
        finding.Line is null ? $"{finding.Subject}: {finding.Message}" : string.Create(CultureInfo.InvariantCulture, $"{finding.Subject}:{finding.Line}:{finding.Column}: {finding.Message}");
}
