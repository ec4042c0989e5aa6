using System.Globalization;

namespace Omnibus.Core.Serving;

/// <summary>The part of a file that a request asks for (RFC 9110 section 14).</summary>
internal readonly record struct ByteRange(long From, long Length, bool Partial, bool Unsatisfiable)
{
    /// <summary>Reads a Range header. Several ranges, other units and nonsense mean the whole file, as the RFC allows.</summary>
    public static ByteRange Parse(string? header, long length)
    {
        var whole = new ByteRange(0, length, false, false);
        if (header is null || !header.StartsWith("bytes=", StringComparison.Ordinal) || header.Contains(',', StringComparison.Ordinal))
        {
            return whole;
        }

        string[] ends = header["bytes=".Length..].Trim().Split('-');
        if (ends.Length != 2 || !TryNumber(ends[0], out long? from) || !TryNumber(ends[1], out long? to) || (from is null && to is null) || to < from)
        {
            return whole;
        }

        if (from is null)
        {
            long last = Math.Min(to!.Value, length);
            return last == 0 ? new ByteRange(0, 0, false, true) : new ByteRange(length - last, last, true, false);
        }

        return from >= length
            ? new ByteRange(0, 0, false, true)
            : new ByteRange(from.Value, Math.Min(to ?? long.MaxValue, length - 1) - from.Value + 1, true, false);
    }

    private static bool TryNumber(string text, out long? number)
    {
        number = null;
        if (text.Length == 0)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return false;
        }

        number = value;
        return true;
    }
}
