using System.Buffers.Binary;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Walks through the strings of one tag without copying them.</summary>
internal ref struct RpmStrings
{
    private readonly string _item;
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal RpmStrings(ReadOnlySpan<byte> data, int count, string item)
    {
        _rest = data;
        _left = count;
        _item = item;
        Current = default;
    }

    /// <summary>The string at hand, without its NUL.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Itself, for <c>foreach</c>.</summary>
    public readonly RpmStrings GetEnumerator() => this;

    /// <summary>Goes to the next string.</summary>
    /// <exception cref="Diagnostics.OmnibusException"><c>PackageUnreadable</c>: a string runs out of the header.</exception>
    public bool MoveNext()
    {
        if (_left == 0)
        {
            Current = default;
            return false;
        }

        int end = _rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw RpmErrors.Unreadable(_item, "a string of a header does not end");
        }

        Current = _rest[..end];
        _rest = _rest[(end + 1)..];
        _left--;
        return true;
    }
}

/// <summary>The numbers of one tag, read in place. INT32 and smaller are unsigned, as rpm treats them.</summary>
internal readonly ref struct RpmNumbers
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _size;

    internal RpmNumbers(ReadOnlySpan<byte> data, int size)
    {
        _data = data;
        _size = size;
    }

    /// <summary>How many.</summary>
    public int Length => _size == 0 ? 0 : _data.Length / _size;

    /// <summary>One of them.</summary>
    public long this[int index]
    {
        get
        {
            ReadOnlySpan<byte> item = _data.Slice(index * _size, _size);
            return _size switch
            {
                1 => item[0],
                2 => BinaryPrimitives.ReadUInt16BigEndian(item),
                4 => BinaryPrimitives.ReadUInt32BigEndian(item),
                _ => BinaryPrimitives.ReadInt64BigEndian(item),
            };
        }
    }

    /// <summary>One of them, or a default beyond the end: arrays of damaged packages differ in length.</summary>
    public long At(int index, long missing = 0) => (uint)index < (uint)Length ? this[index] : missing;
}
