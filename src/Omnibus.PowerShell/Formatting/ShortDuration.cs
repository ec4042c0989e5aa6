using System.Globalization;

namespace Omnibus.PowerShell.Formatting;

/// <summary>Durations for people: <c>00:01:07</c>. Called by the format file.</summary>
public static class ShortDuration
{
    /// <summary>Hours, minutes and whole seconds; hours go on past 24; null gives an empty text.</summary>
    public static string Format(TimeSpan? duration) =>
        duration is { } value
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)value.TotalHours:00}:{value.Minutes:00}:{value.Seconds:00}")
            : string.Empty;

    /// <summary>How long a piece of work took: <c>0.8 s</c> below a minute, above it as <see cref="Format"/> does.</summary>
    public static string OfWork(TimeSpan duration) =>
        duration < TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s") : Format(duration);
}
