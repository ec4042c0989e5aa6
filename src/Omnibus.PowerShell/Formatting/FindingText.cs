using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Formatting;

/// <summary>Where a finding is and what it says, short enough for a table. Called by the format file.</summary>
public static class FindingText
{
    /// <summary>The place and the message in one, without saying the id or the place again: lintian's messages begin and end with them.</summary>
    public static string Format(Finding finding)
    {
        string place = Place(finding);
        ReadOnlySpan<char> message = finding.Message.AsSpan();
        message = message.StartsWith(finding.Id) ? message[finding.Id.Length..].Trim() : message;
        if (finding.Path == place && message.TrimEnd("/]").EndsWith($"[{place.TrimStart('/')}"))
        {
            message = message[..message.LastIndexOf('[')].TrimEnd();
        }

        return message.IsEmpty ? place : message.StartsWith(place) ? message.ToString() : $"{place}: {message}";
    }

    // omnibus.yml:14:5 where the line is known, otherwise the path inside the subject, otherwise the subject.
    private static string Place(Finding finding)
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
