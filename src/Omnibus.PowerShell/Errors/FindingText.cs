using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Errors;

/// <summary>A finding in one line: <c>path:line:column: message</c>, as compilers print it.</summary>
internal static class FindingText
{
    /// <summary>The line.</summary>
    public static string Of(Finding finding)
    {
        string? place = finding.Path ?? finding.Subject;
        if (place is null)
        {
            return finding.Message;
        }

        string position = (finding.Line, finding.Column) switch
        {
            ({ } line, { } column) => string.Create(CultureInfo.InvariantCulture, $":{line}:{column}"),
            ({ } line, null) => string.Create(CultureInfo.InvariantCulture, $":{line}"),
            _ => string.Empty,
        };
        return $"{place}{position}: {finding.Message}";
    }
}
