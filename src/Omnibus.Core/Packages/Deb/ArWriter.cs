using System.Globalization;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Writes an ar archive as dpkg does: common dialect, names of at most 15 characters, owner 0, members of odd size padded (deb(5)).</summary>
public sealed class ArWriter
{
    /// <summary>The greatest size that the ten decimal digits of a header can hold.</summary>
    public const long MaximumSize = 9_999_999_999;

    /// <summary>Bytes before the content of a member.</summary>
    internal const int HeaderLength = ArReader.HeaderLength;

    private readonly Stream _stream;

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Takes the archive.</param>
    public ArWriter(Stream stream)
    {
        _stream = stream;
        _stream.Write(ArReader.Magic);
    }

    /// <summary>Adds a member whose bytes are in memory.</summary>
    public void Add(string name, ReadOnlySpan<byte> content, DateTimeOffset time)
    {
        WriteHeader(name, content.Length, time);
        _stream.Write(content);
        WritePadding(content.Length);
    }

    /// <summary>Begins a member: the caller then writes exactly <paramref name="size"/> bytes to the archive's stream and calls <see cref="WritePadding"/>.</summary>
    /// <param name="name">At most 15 characters of printable ASCII without <c>/</c>.</param>
    /// <param name="size">Bytes of content.</param>
    /// <param name="time">Time of last change.</param>
    /// <exception cref="ArgumentOutOfRangeException">Name or size do not fit a header.</exception>
    public void WriteHeader(string name, long size, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 15, nameof(name));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaximumSize);
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-16}{Math.Max(0, time.ToUnixTimeSeconds()),-12}{0,-6}{0,-6}{"100644",-8}{size,-10}`\n");
        _stream.Write(Encoding.ASCII.GetBytes(header));
    }

    /// <summary>Bytes that a member takes, with header and padding.</summary>
    /// <param name="size">Bytes of content.</param>
    internal static long MemberLength(long size) => HeaderLength + size + (size & 1);

    /// <summary>Ends a member.</summary>
    public void WritePadding(long size)
    {
        if ((size & 1) != 0)
        {
            _stream.WriteByte((byte)'\n');
        }
    }
}
