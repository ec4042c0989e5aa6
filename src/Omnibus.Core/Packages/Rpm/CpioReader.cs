using System.Buffers.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Reads the members of a payload from a stream that goes forward only. Hostile input is refused: names have a limit and every member must be whole.</summary>
/// <param name="source">The uncompressed archive. It stays open.</param>
/// <param name="item">The package, for errors.</param>
/// <param name="strippedSize">Size of the file with an index of the header: needed for the stripped form only.</param>
internal sealed class CpioReader(Stream source, string item, Func<int, long>? strippedSize = null)
{
    // PATH_MAX of Linux with its NUL and the leading dot.
    private const int MaxNameLength = 4098;

    private long _position;
    private long _left;

    /// <summary>Goes to the next member; what was not read of the one before is passed over.</summary>
    /// <returns>The member, or null at the end of the archive.</returns>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
    public async Task<CpioEntry?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipAsync(_left + CpioFormat.Padding(_position + _left), cancellationToken).ConfigureAwait(false);
        _left = 0;

        byte[] header = new byte[CpioFormat.HeaderLength];
        await ReadExactlyAsync(header.AsMemory(0, 14), cancellationToken).ConfigureAwait(false);
        if (header.AsSpan(0, 6).SequenceEqual(CpioFormat.StrippedMagic))
        {
            int index = (int)Hex(header, 0);
            await SkipAsync(CpioFormat.Padding(_position), cancellationToken).ConfigureAwait(false);
            long size = strippedSize?.Invoke(index) ?? throw RpmErrors.Unreadable(item, "its payload names files by number, but there is no list of them");
            _left = size < 0 ? throw RpmErrors.Unreadable(item, "a file of its payload has no size") : size;
            return new CpioEntry { Index = index, Size = size };
        }

        if (!header.AsSpan(0, 6).SequenceEqual(CpioFormat.Magic))
        {
            throw RpmErrors.Unreadable(item, "a member of its payload does not begin as one");
        }

        await ReadExactlyAsync(header.AsMemory(14), cancellationToken).ConfigureAwait(false);
        uint nameLength = Hex(header, 11);
        if (nameLength is 0 or > MaxNameLength)
        {
            throw RpmErrors.Unreadable(item, $"a name in its payload claims {nameLength} bytes");
        }

        byte[] name = new byte[nameLength];
        await ReadExactlyAsync(name, cancellationToken).ConfigureAwait(false);
        await SkipAsync(CpioFormat.Padding(_position), cancellationToken).ConfigureAwait(false);
        int end = name.AsSpan().IndexOf((byte)0);
        var entry = new CpioEntry
        {
            Name = RpmText.Decode(name.AsSpan(0, end < 0 ? name.Length : end)),
            Index = -1,
            Inode = Hex(header, 0),
            Mode = Hex(header, 1),
            Links = Hex(header, 4),
            ModifiedTime = Hex(header, 5),
            Size = Hex(header, 6),
        };
        _left = entry.Size;
        return entry.Name == CpioFormat.TrailerName ? null : entry;
    }

    /// <summary>Reads data of the member at hand.</summary>
    /// <returns>Bytes read; 0 at the member's end.</returns>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>: the archive is cut short.</exception>
    public async Task<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(target.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }

        int count = await source.ReadAsync(target[..wanted], cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            throw RpmErrors.Unreadable(item, "its payload is cut short");
        }

        _left -= count;
        _position += count;
        return count;
    }

    private uint Hex(byte[] header, int field) =>
        Utf8Parser.TryParse(header.AsSpan(6 + (8 * field), 8), out uint value, out int used, 'x') && used == 8
            ? value
            : throw RpmErrors.Unreadable(item, "a number in its payload is no number");

    private async Task ReadExactlyAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        int count = await source.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (count < target.Length)
        {
            throw RpmErrors.Unreadable(item, "its payload is cut short");
        }

        _position += count;
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        byte[] scratch = new byte[(int)Math.Min(count, 64 * 1024)];
        while (count > 0)
        {
            int step = (int)Math.Min(count, scratch.Length);
            await ReadExactlyAsync(scratch.AsMemory(0, step), cancellationToken).ConfigureAwait(false);
            count -= step;
        }
    }
}
