using System.Buffers.Binary;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>One entry of a header's index.</summary>
/// <param name="Tag">What it is.</param>
/// <param name="Type">Type of its data.</param>
/// <param name="Offset">Where the data begins in the data area.</param>
/// <param name="Count">Number of items.</param>
internal readonly record struct RpmHeaderEntry(int Tag, RpmTagType Type, int Offset, int Count);

/// <summary>
/// A header structure that was read (rpm's docs/manual/format_header.md): an index of tags and a data area. It keeps the bytes and
/// decodes on demand, because a repository's index needs few of the tags of many packages.
/// </summary>
internal sealed class RpmHeader
{
    /// <summary>Bytes before the index.</summary>
    public const int IntroLength = 16;

    private const int EntryLength = 16;

    // rpm's own limits (lib/header.cc: hdrchkTags and hdrchkData).
    private const int MaxEntries = 0xffff;
    private const int MaxData = 0x0fffffff;

    private readonly string _item;
    private readonly RpmHeaderEntry[] _entries;
    private readonly int _dataStart;

    private RpmHeader(ReadOnlyMemory<byte> bytes, RpmHeaderEntry[] entries, int dataStart, string item)
    {
        Bytes = bytes;
        _entries = entries;
        _dataStart = dataStart;
        _item = item;
    }

    /// <summary>Magic number and version of the structure, and four reserved bytes.</summary>
    public static ReadOnlySpan<byte> Magic => [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];

    /// <summary>The whole structure as it is in the file: what header digests and signatures are made over.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The file, for errors.</summary>
    public string Item => _item;

    /// <summary>All entries by tag.</summary>
    public ReadOnlySpan<RpmHeaderEntry> Entries => _entries;

    private ReadOnlySpan<byte> Data => Bytes.Span[_dataStart..];

    /// <summary>Takes the length of a whole header from its first 16 bytes.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>: no header, or one that breaks rpm's limits.</exception>
    public static int Measure(ReadOnlySpan<byte> intro, string item)
    {
        if (intro.Length < IntroLength || !intro[..4].SequenceEqual(Magic[..4]))
        {
            throw RpmErrors.Unreadable(item, "a header is cut short or does not begin as one");
        }

        uint entries = BinaryPrimitives.ReadUInt32BigEndian(intro[8..]);
        uint data = BinaryPrimitives.ReadUInt32BigEndian(intro[12..]);
        if (entries is 0 or > MaxEntries || data > MaxData)
        {
            throw RpmErrors.Unreadable(item, $"a header claims {entries} tags and {data} bytes of data, which is beyond rpm's limits");
        }

        return IntroLength + ((int)entries * EntryLength) + (int)data;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">The whole structure.</param>
    /// <param name="item">The file, for errors.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>.</exception>
    public static RpmHeader Parse(ReadOnlyMemory<byte> bytes, string item)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (Measure(span, item) != bytes.Length)
        {
            throw RpmErrors.Unreadable(item, "a header is cut short");
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(span[8..]);
        int dataLength = BinaryPrimitives.ReadInt32BigEndian(span[12..]);
        var entries = new RpmHeaderEntry[count];
        bool sorted = true;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> raw = span.Slice(IntroLength + (i * EntryLength), EntryLength);
            var entry = new RpmHeaderEntry(
                BinaryPrimitives.ReadInt32BigEndian(raw),
                (RpmTagType)BinaryPrimitives.ReadInt32BigEndian(raw[4..]),
                BinaryPrimitives.ReadInt32BigEndian(raw[8..]),
                BinaryPrimitives.ReadInt32BigEndian(raw[12..]));
            Check(entry, dataLength, item);
            entries[i] = entry;
            sorted &= i == 0 || entries[i - 1].Tag <= entry.Tag;
        }

        if (!sorted)
        {
            // Old writers appended entries. A stable order keeps the first of two equal tags first.
            entries = [.. entries.OrderBy(e => e.Tag)];
        }

        return new RpmHeader(bytes, entries, IntroLength + (count * EntryLength), item);
    }

    /// <summary>Whether a tag is there.</summary>
    public bool Has(int tag) => Find(tag) is not null;

    /// <summary>The entry of a tag, or null.</summary>
    public RpmHeaderEntry? Find(int tag)
    {
        int low = 0;
        int high = _entries.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_entries[middle].Tag < tag)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _entries.Length && _entries[low].Tag == tag ? _entries[low] : null;
    }

    /// <summary>Number of items of a tag, 0 when it is not there.</summary>
    public int Count(int tag) => Find(tag)?.Count ?? 0;

    /// <summary>The raw bytes of a string tag (the first, untranslated one of a translated string); empty when it is not there.</summary>
    public ReadOnlySpan<byte> GetStringBytes(int tag)
    {
        RpmStrings strings = GetStrings(tag);
        return strings.MoveNext() ? strings.Current : default;
    }

    /// <summary>A string tag decoded, or null.</summary>
    public string? GetString(int tag)
    {
        RpmStrings strings = GetStrings(tag);
        return strings.MoveNext() ? RpmText.Decode(strings.Current) : null;
    }

    /// <summary>The strings of a tag, without copying. Nothing comes when the tag is not there or no string.</summary>
    public RpmStrings GetStrings(int tag)
    {
        RpmHeaderEntry? found = Find(tag);
        return found is { Type: RpmTagType.String or RpmTagType.StringArray or RpmTagType.I18nString } entry
            ? new RpmStrings(Data[entry.Offset..], entry.Count, _item)
            : default;
    }

    /// <summary>The strings of a tag decoded.</summary>
    public string[] GetStringArray(int tag)
    {
        // The count was checked against the size of the data, so this allocation is bounded by the file.
        var result = new List<string>(Math.Min(Count(tag), 4096));
        foreach (ReadOnlySpan<byte> text in GetStrings(tag))
        {
            result.Add(RpmText.Decode(text));
        }

        return [.. result];
    }

    /// <summary>The numbers of a tag, read in place.</summary>
    public RpmNumbers GetNumbers(int tag) => Find(tag) is { } entry && SizeOf(entry.Type) is int size and > 0 && entry.Type != RpmTagType.Binary
        ? new RpmNumbers(Data.Slice(entry.Offset, entry.Count * size), size)
        : default;

    /// <summary>The first number of a tag, or null.</summary>
    public long? GetNumber(int tag)
    {
        RpmNumbers numbers = GetNumbers(tag);
        return numbers.Length > 0 ? numbers[0] : null;
    }

    /// <summary>The bytes of a binary tag; empty when it is not there.</summary>
    public ReadOnlyMemory<byte> GetBinary(int tag) =>
        Find(tag) is { Type: RpmTagType.Binary } entry ? Bytes.Slice(_dataStart + entry.Offset, entry.Count) : default;

    /// <summary>The data of an entry as it is in the file, to carry it into another header.</summary>
    public ReadOnlySpan<byte> GetRaw(RpmHeaderEntry entry)
    {
        int size = SizeOf(entry.Type);
        ReadOnlySpan<byte> data = Data[entry.Offset..];
        if (size > 0)
        {
            return data[..(entry.Count * size)];
        }

        int length = 0;
        foreach (ReadOnlySpan<byte> text in new RpmStrings(data, entry.Count, _item))
        {
            length += text.Length + 1;
        }

        return data[..length];
    }

    // Size of one item; 0 for strings, whose length is found by reading.
    internal static int SizeOf(RpmTagType type) => type switch
    {
        RpmTagType.Char or RpmTagType.Int8 or RpmTagType.Binary => 1,
        RpmTagType.Int16 => 2,
        RpmTagType.Int32 => 4,
        RpmTagType.Int64 => 8,
        _ => 0,
    };

    private static void Check(RpmHeaderEntry entry, int dataLength, string item)
    {
        int size = SizeOf(entry.Type);
        bool isString = entry.Type is RpmTagType.String or RpmTagType.StringArray or RpmTagType.I18nString;

        // A string takes at least its final NUL, so its count is bounded by the data as well.
        if ((size == 0 && !isString)
            || entry.Tag < 0
            || entry.Offset < 0
            || entry.Count <= 0
            || entry.Offset > dataLength
            || (long)entry.Count * Math.Max(size, 1) > dataLength - entry.Offset
            || (entry.Type == RpmTagType.String && entry.Count != 1)
            || (size > 1 && entry.Offset % size != 0))
        {
            throw RpmErrors.Unreadable(item, $"tag {entry.Tag} of a header lies outside of its data or is of no known type");
        }
    }
}
