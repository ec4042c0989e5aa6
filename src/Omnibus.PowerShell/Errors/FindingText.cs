using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Errors;

/// <summary>A finding in one line: <c>file:line:column: message</c>, as compilers print it, or <c>subject: path: message</c>.</summary>
internal static class FindingText
{
    /// <summary>The line.</summary>
    public static string Of(Finding finding)
    {
        string place = (finding.Subject, finding.Path) switch
        {
            (null, null) => string.Empty,
            ({ } subject, _) when finding.Line is { } line => $"{subject}:{Number(line)}{(finding.Column is { } column ? ":" + Number(column) : string.Empty)}: ",
            ({ } subject, { } path) => $"{subject}: {path}: ",
            var (subject, path) => $"{subject ?? path}: ",
        };
        return place + finding.Message;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
