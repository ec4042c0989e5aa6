using System.Management.Automation;
using Omnibus.Core.Diagnostics;

namespace Omnibus.PowerShell.Errors;

/// <summary>The one place that turns what the engine throws into PowerShell's error records.</summary>
internal static class ErrorRecords
{
    /// <summary>Whether an exception is a failure that the user can act on. All others, the pipeline's own among them, pass through.</summary>
    public static bool IsKnown(Exception exception) => exception is OmnibusException or IOException or UnauthorizedAccessException;

    /// <summary>One record.</summary>
    /// <param name="exception">A known exception.</param>
    /// <param name="item">The item at hand, for an exception that names none.</param>
    public static ErrorRecord From(Exception exception, object? item)
    {
        (string id, ErrorCategory category, object? target, string? advice) = exception switch
        {
            OmnibusException e => (e.Id, Category(e.Kind), e.Item ?? item, e.Advice),
            UnauthorizedAccessException => ("AccessDenied", ErrorCategory.PermissionDenied, item, null),
            _ => ("StorageFailed", ErrorCategory.WriteError, item, null),
        };
        var record = new ErrorRecord(exception, id, category, target);
        if (advice is not null)
        {
            // Not as RecommendedAction: PowerShell would print it a second time, and scripts' logs have only the message.
            record.ErrorDetails = new ErrorDetails($"{exception.Message}\n    What to do: {advice}");
        }

        return record;
    }

    /// <summary>One record a finding where an error carries findings (every mistake of a recipe), otherwise one.</summary>
    /// <inheritdoc cref="From"/>
    public static IEnumerable<ErrorRecord> Each(Exception exception, object? item)
    {
        List<Finding> errors = exception is OmnibusException known ? [.. known.Findings.Where(f => f.Severity == FindingSeverity.Error)] : [];
        return errors.Count == 0
            ? [From(exception, item)]
            : errors.Select(f => From(FromFinding((OmnibusException)exception, f), item));
    }

    private static OmnibusException FromFinding(OmnibusException cause, Finding finding) =>
        new(finding.Id, cause.Kind, FindingText.Of(finding), cause.Item ?? finding.Subject, finding.Advice ?? cause.Advice, cause);

    private static ErrorCategory Category(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        ErrorKind.InvalidData => ErrorCategory.InvalidData,
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.AlreadyExists or ErrorKind.Conflict => ErrorCategory.ResourceExists,
        ErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        ErrorKind.Security => ErrorCategory.SecurityError,
        ErrorKind.MissingDependency => ErrorCategory.NotInstalled,
        ErrorKind.Storage => ErrorCategory.WriteError,
        ErrorKind.Connection => ErrorCategory.ConnectionError,
        ErrorKind.ProgramFailed => ErrorCategory.InvalidResult,
        ErrorKind.Timeout => ErrorCategory.OperationTimeout,
        ErrorKind.Unsupported => ErrorCategory.NotImplemented,
        _ => ErrorCategory.NotSpecified,
    };
}
