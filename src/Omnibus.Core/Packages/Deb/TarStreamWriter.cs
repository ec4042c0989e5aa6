using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// Writes the GNU dialect of tar that dpkg takes: long names in <c>@LongLink</c> entries, sizes from 8 GiB on in base 256, no PAX headers.
/// It writes headers only; the caller sends the content of a file, then calls <see cref="EndContent"/>.
/// </summary>
internal sealed class TarStreamWriter(Stream stream)
{
    private const int BlockSize = 512;
    private const long OctalLimit = 1L << 33;
    private static readonly byte[] s_zeros = new byte[2 * BlockSize];

    private readonly byte[] _block = new byte[BlockSize];

    /// <summary>Writes the header of an entry.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="name">Name with leading <c>./</c>; directories end in <c>/</c>.</param>
    /// <param name="mode">Twelve permission bits.</param>
    /// <param name="size">Bytes of content that follow.</param>
    /// <param name="modified">Time in Unix seconds; before 1970 becomes 0.</param>
    /// <param name="owner">Owner's name.</param>
    /// <param name="group">Group's name.</param>
    /// <param name="linkTarget">Target of a link, or null.</param>
    public void WriteHeader(TarEntryType type, string name, int mode, long size, long modified, string owner, string group, string? linkTarget)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        byte[] linkBytes = linkTarget is null ? [] : Encoding.UTF8.GetBytes(linkTarget);
        if (linkBytes.Length > 100)
        {
            WriteLong(TarEntryType.GnuLongLink, linkBytes);
        }

        if (nameBytes.Length > 100)
        {
            WriteLong(TarEntryType.GnuLongName, nameBytes);
        }

        WriteBlock(type, nameBytes, mode, size, modified, owner, group, linkBytes);
    }

    /// <summary>Fills the last block of a file's content.</summary>
    public void EndContent(long size)
    {
        int rest = (int)(size & (BlockSize - 1));
        if (rest != 0)
        {
            stream.Write(s_zeros, 0, BlockSize - rest);
        }
    }

    /// <summary>Writes the end of the archive: two empty blocks.</summary>
    public void WriteEnd() => stream.Write(s_zeros);

    private void WriteLong(TarEntryType type, byte[] text)
    {
        // The text ends with a NUL, as GNU tar writes it.
        WriteBlock(type, "././@LongLink"u8, 0, text.Length + 1, 0, "root", "root", []);
        stream.Write(text);
        stream.Write(s_zeros, 0, 1);
        EndContent(text.Length + 1);
    }

    private void WriteBlock(
        TarEntryType type, ReadOnlySpan<byte> name, int mode, long size, long modified, string owner, string group, ReadOnlySpan<byte> link)
    {
        Span<byte> block = _block;
        block.Clear();
        name[..Math.Min(100, name.Length)].CopyTo(block);
        WriteOctal(block.Slice(100, 8), mode);
        WriteOctal(block.Slice(108, 8), 0);
        WriteOctal(block.Slice(116, 8), 0);
        WriteNumber(block.Slice(124, 12), size);
        WriteNumber(block.Slice(136, 12), Math.Max(0, modified));
        block.Slice(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        link[..Math.Min(100, link.Length)].CopyTo(block[157..]);
        "ustar  \0"u8.CopyTo(block[257..]);
        WriteName(block.Slice(265, 32), owner);
        WriteName(block.Slice(297, 32), group);
        uint sum = 0;
        foreach (byte value in block)
        {
            sum += value;
        }

        WriteOctal(block.Slice(148, 7), sum);
        stream.Write(block);
    }

    private static void WriteName(Span<byte> field, string name)
    {
        if (!Encoding.ASCII.TryGetBytes(name, field[..^1], out _))
        {
            throw new ArgumentException($"'{name}' is too long for the owner or group of a tar entry.", nameof(name));
        }
    }

    private static void WriteNumber(Span<byte> field, long value)
    {
        if (value < OctalLimit)
        {
            WriteOctal(field, value);
            return;
        }

        // GNU base 256: the top bit set, then the number in big-endian order.
        for (int i = field.Length - 1; i > 0; i--)
        {
            field[i] = (byte)value;
            value >>= 8;
        }

        field[0] = 0x80;
    }

    // Octal digits with leading zeros and a NUL at the end.
    private static void WriteOctal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (int i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }
}
