using System.Buffers.Binary;
using System.Text;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Builds a header structure: entries sorted by tag, data aligned by type, sealed by a region tag (rpm's docs/manual/format_header.md).</summary>
internal sealed class RpmHeaderBuilder
{
    private const int EntryLength = 16;
    private const int RegionTrailerLength = 16;

    private readonly SortedDictionary<int, (RpmTagType Type, int Count, byte[] Data)> _entries = [];

    /// <summary>Whether a tag was added.</summary>
    public bool Has(int tag) => _entries.ContainsKey(tag);

    public void AddString(int tag, string text) => Add(tag, RpmTagType.String, 1, Encode([text]));

    /// <summary>A translatable string in the one language that the header's table names.</summary>
    public void AddI18nString(int tag, string text) => Add(tag, RpmTagType.I18nString, 1, Encode([text]));

    public void AddStrings(int tag, IReadOnlyCollection<string> texts) => Add(tag, RpmTagType.StringArray, texts.Count, Encode(texts));

    public void AddInt16(int tag, ReadOnlySpan<ushort> values)
    {
        byte[] data = new byte[values.Length * 2];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * 2), values[i]);
        }

        Add(tag, RpmTagType.Int16, values.Length, data);
    }

    public void AddInt32(int tag, params ReadOnlySpan<uint> values)
    {
        byte[] data = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(i * 4), values[i]);
        }

        Add(tag, RpmTagType.Int32, values.Length, data);
    }

    public void AddInt64(int tag, params ReadOnlySpan<long> values)
    {
        byte[] data = new byte[values.Length * 8];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(i * 8), values[i]);
        }

        Add(tag, RpmTagType.Int64, values.Length, data);
    }

    public void AddBinary(int tag, ReadOnlySpan<byte> bytes) => Add(tag, RpmTagType.Binary, bytes.Length, bytes.ToArray());

    /// <summary>Takes an entry over from another header as it is.</summary>
    public void AddRaw(int tag, RpmTagType type, int count, ReadOnlySpan<byte> data) => Add(tag, type, count, data.ToArray());

    /// <summary>Removes a tag; nothing happens when it is not there.</summary>
    public void Remove(int tag) => _entries.Remove(tag);

    /// <summary>The finished structure.</summary>
    /// <param name="regionTag"><see cref="RpmTag.HeaderImmutable"/> or <see cref="RpmSignatureTag.HeaderSignatures"/>.</param>
    public byte[] Build(int regionTag)
    {
        int count = _entries.Count + 1;
        int dataLength = 0;
        foreach ((RpmTagType type, _, byte[] data) in _entries.Values)
        {
            dataLength = Align(dataLength, type) + data.Length;
        }

        int trailer = dataLength;
        dataLength += RegionTrailerLength;
        int dataStart = RpmHeader.IntroLength + (count * EntryLength);
        byte[] bytes = new byte[dataStart + dataLength];
        RpmHeader.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), count);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), dataLength);

        Span<byte> index = bytes.AsSpan(RpmHeader.IntroLength);
        WriteEntry(index, regionTag, RpmTagType.Binary, trailer, RegionTrailerLength);
        int at = 0;
        int slot = 1;
        foreach ((int tag, (RpmTagType type, int items, byte[] data)) in _entries)
        {
            at = Align(at, type);
            WriteEntry(index[(slot * EntryLength)..], tag, type, at, items);
            data.CopyTo(bytes, dataStart + at);
            at += data.Length;
            slot++;
        }

        // The trailer is an index entry of its own whose negative offset spans the whole index.
        WriteEntry(bytes.AsSpan(dataStart + trailer), regionTag, RpmTagType.Binary, -(count * EntryLength), RegionTrailerLength);
        return bytes;
    }

    private static int Align(int offset, RpmTagType type)
    {
        int size = Math.Max(RpmHeader.SizeOf(type), 1);
        return (offset + size - 1) / size * size;
    }

    private static void WriteEntry(Span<byte> target, int tag, RpmTagType type, int offset, int count)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, tag);
        BinaryPrimitives.WriteInt32BigEndian(target[4..], (int)type);
        BinaryPrimitives.WriteInt32BigEndian(target[8..], offset);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], count);
    }

    private static byte[] Encode(IReadOnlyCollection<string> texts)
    {
        int length = 0;
        foreach (string text in texts)
        {
            length += Encoding.UTF8.GetByteCount(text) + 1;
        }

        byte[] data = new byte[length];
        int at = 0;
        foreach (string text in texts)
        {
            at += Encoding.UTF8.GetBytes(text, data.AsSpan(at)) + 1;
        }

        return data;
    }

    private void Add(int tag, RpmTagType type, int count, byte[] data)
    {
        // rpm refuses an entry without items; a caller that has nothing to say leaves the tag out.
        ArgumentOutOfRangeException.ThrowIfZero(count);
        _entries.Add(tag, (type, count, data));
    }
}
