using System.Globalization;

namespace Omnibus.PowerShell.Formatting;

/// <summary>Sizes for people: <c>3.1 MiB</c>. Called by the format file.</summary>
public static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>A number of bytes with one decimal in the largest unit that leaves at least 1; null gives an empty text.</summary>
    public static string Format(long? bytes)
    {
        if (bytes is not { } value)
        {
            return string.Empty;
        }

        double size = value;
        int unit = 0;
        while (size >= 1023.95 && unit < s_units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.CurrentCulture, $"{value} B")
            : string.Create(CultureInfo.CurrentCulture, $"{size:0.0} {s_units[unit]}");
    }
}
