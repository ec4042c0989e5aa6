using System.Buffers;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>One entry of a tar archive.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">Name as it stands in the archive.</param>
/// <param name="Mode">Twelve permission bits.</param>
/// <param name="Size">Bytes of content.</param>
/// <param name="Modified">Unix seconds.</param>
/// <param name="Owner">Owner's name, or its number.</param>
/// <param name="Group">Group's name, or its number.</param>
/// <param name="LinkTarget">Target of a link, or null.</param>
internal sealed record TarStreamEntry(
    TarEntryType Type, string Name, int Mode, long Size, long Modified, string Owner, string Group, string? LinkTarget);

/// <summary>
/// Reads a tar archive from a stream without seeking, in the dialects that dpkg takes: v7, ustar and GNU. PAX headers, which dpkg refuses,
/// are refused here too. Every length is checked before it is used; an archive without its end is an error.
/// </summary>
internal sealed class TarStreamReader(Stream stream)
{
    private const int BlockSize = 512;
    private const int MaximumName = 64 * 1024;

    private readonly byte[] _block = new byte[BlockSize];
    private long _left;
    private int _padding;
    private bool _ended;

    /// <summary>Goes to the next entry; unread content of the one before is skipped.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="InvalidDataException">The archive is damaged, cut short or of another dialect.</exception>
    public TarStreamEntry? Next()
    {
        string? longName = null;
        string? longLink = null;
        while (!_ended)
        {
            SkipContent();
            if (!ReadBlock())
            {
                // dpkg takes an archive that ends at an entry's border without the empty blocks.
                _ended = true;
                return longName is null && longLink is null ? null : throw Damaged("ends after a long name");
            }

            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                _ended = true;
                return null;
            }

            CheckSum();
            var type = (TarEntryType)_block[156];
            long size = Number(_block.AsSpan(124, 12));
            if (type is TarEntryType.GnuLongName or TarEntryType.GnuLongLink)
            {
                string text = ReadLongText(size);
                (longName, longLink) = type == TarEntryType.GnuLongName ? (text, longLink) : (longName, text);
                continue;
            }

            return ReadEntry(type, size, longName, longLink);
        }

        return null;
    }

    /// <summary>Reads content of the current entry.</summary>
    /// <returns>0 at its end.</returns>
    public int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }

        int count = stream.Read(buffer[..wanted]);
        _left -= count;
        return count > 0 ? count : throw Damaged("is cut short");
    }

    /// <summary>Reads the whole content of the current entry.</summary>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="limit"/>.</exception>
    public byte[] ReadAll(int limit)
    {
        if (_left > limit)
        {
            throw Damaged($"holds a file of {_left} bytes where at most {limit} are allowed");
        }

        byte[] content = new byte[_left];
        for (int done = 0; done < content.Length;)
        {
            done += Read(content.AsSpan(done));
        }

        return content;
    }

    private static InvalidDataException Damaged(string what) => new($"a tar archive in it {what}");

    private TarStreamEntry ReadEntry(TarEntryType type, long size, string? longName, string? longLink)
    {
        ReadOnlySpan<byte> block = _block;
        bool isFile = type is TarEntryType.OldFile or TarEntryType.File or TarEntryType.ContiguousFile;
        if (!isFile && type is not (TarEntryType.HardLink or TarEntryType.SymbolicLink or TarEntryType.CharacterDevice
            or TarEntryType.BlockDevice or TarEntryType.Directory or TarEntryType.NamedPipe))
        {
            throw type is TarEntryType.PaxExtended or TarEntryType.PaxGlobal
                ? Damaged("has PAX headers, which dpkg refuses")
                : Damaged($"has an entry of unknown type 0x{(byte)type:x2}");
        }

        string name = longName ?? Text(block[..100]);
        bool isUstar = block.Slice(257, 6).SequenceEqual("ustar\0"u8);
        bool isGnu = block.Slice(257, 6).SequenceEqual("ustar "u8);
        if (longName is null && isUstar && block[345] != 0)
        {
            name = Text(block.Slice(345, 155)) + "/" + name;
        }

        if (isFile && name.EndsWith('/'))
        {
            type = TarEntryType.Directory; // v7
        }

        string? link = type is TarEntryType.HardLink or TarEntryType.SymbolicLink ? longLink ?? Text(block.Slice(157, 100)) : null;
        string owner = isUstar || isGnu ? Text(block.Slice(265, 32)) : string.Empty;
        string group = isUstar || isGnu ? Text(block.Slice(297, 32)) : string.Empty;
        long contentSize = isFile && type != TarEntryType.Directory ? size : 0;
        _left = contentSize;
        _padding = (int)(-contentSize & (BlockSize - 1));
        return new TarStreamEntry(
            isFile && type != TarEntryType.Directory ? TarEntryType.File : type,
            name,
            (int)(Number(block.Slice(100, 8)) & 0xFFF),
            contentSize,
            Number(block.Slice(136, 12)),
            owner.Length > 0 ? owner : NumberText(block.Slice(108, 8)),
            group.Length > 0 ? group : NumberText(block.Slice(116, 8)),
            link);
    }

    private string ReadLongText(long size)
    {
        if (size is <= 0 or > MaximumName)
        {
            throw Damaged($"has a name of {size} bytes");
        }

        _left = size;
        _padding = (int)(-size & (BlockSize - 1));
        return Text(ReadAll(MaximumName));
    }

    private void SkipContent()
    {
        long rest = _left + _padding;
        _left = 0;
        _padding = 0;
        if (rest == 0)
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (rest > 0)
            {
                int count = stream.Read(buffer, 0, (int)Math.Min(rest, buffer.Length));
                rest -= count > 0 ? count : throw Damaged("is cut short");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool ReadBlock()
    {
        int count = stream.ReadAtLeast(_block, BlockSize, throwOnEndOfStream: false);
        return count is 0 or BlockSize ? count != 0 : throw Damaged("is cut short");
    }

    private void CheckSum()
    {
        uint sum = 8 * (uint)' ';
        for (int i = 0; i < BlockSize; i++)
        {
            sum += i is >= 148 and < 156 ? 0u : _block[i];
        }

        if (Number(_block.AsSpan(148, 8)) != sum)
        {
            throw Damaged("has a header whose checksum is wrong");
        }
    }

    // A number in octal digits between blanks and NULs, or (GNU) in base 256 with the top bit set.
    private static long Number(ReadOnlySpan<byte> field)
    {
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            if (field[0] != 0x80)
            {
                // Negative (a time before 1970) or beyond 88 bits.
                return field[0] == 0xFF ? 0 : throw Damaged("has a number that is too great");
            }

            foreach (byte part in field[1..])
            {
                value = value >> 55 == 0 ? (value << 8) | part : throw Damaged("has a number that is too great");
            }

            return value;
        }

        foreach (byte digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value << 3) | (uint)(digit - '0') : throw Damaged("has a number that is none");
        }

        return value;
    }

    private static string NumberText(ReadOnlySpan<byte> field) => Number(field).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
