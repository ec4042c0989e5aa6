using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Formatting;

/// <summary>Where a finding is, short enough for a table. Called by the format file.</summary>
public static class FindingPlace
{
    /// <summary><c>omnibus.yml:14:5</c> where the line is known, otherwise the path inside the subject, otherwise the subject.</summary>
    public static string Format(Finding finding)
    {
        string subject = Path.GetFileName(finding.Subject?.TrimEnd('/')) is { Length: > 0 } name ? name : finding.Subject ?? string.Empty;
        if (finding.Line is { } line)
        {
            string column = finding.Column is { } c ? string.Create(CultureInfo.InvariantCulture, $":{c}") : string.Empty;
            return string.Create(CultureInfo.InvariantCulture, $"{subject}:{line}{column}");
        }

        return finding.Path ?? subject;
    }
}
