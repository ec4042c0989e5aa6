using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// Reads the members of a common ar archive in order, from any stream, without seeking. The long-name extensions of other ar dialects
/// have no place in a deb (deb(5)). Lengths that do not fit the archive are errors.
/// </summary>
public sealed class ArReader
{
    /// <summary>What an ar archive begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    internal const int HeaderLength = 60;

    private readonly Stream _stream;
    private readonly byte[] _header = new byte[HeaderLength];
    private Content? _current;
    private bool _padded;
    private bool _started;

    /// <summary>Reads from a stream, which stays open.</summary>
    /// <param name="stream">The archive, from its first byte.</param>
    public ArReader(Stream stream) => _stream = stream;

    /// <summary>The bytes of the member that <see cref="Next"/> found last. What is not read is skipped.</summary>
    public Stream CurrentContent => _current ?? throw new InvalidOperationException("There is no current member.");

    /// <summary>Goes to the next member.</summary>
    /// <returns>Its header, or null at the end of the archive.</returns>
    /// <exception cref="InvalidDataException">This is no ar archive, or it is cut short.</exception>
    public ArEntry? Next()
    {
        if (!_started)
        {
            _started = true;
            if (_stream.ReadAtLeast(_header.AsSpan(0, Magic.Length), Magic.Length, throwOnEndOfStream: false) < Magic.Length
                || !_header.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            {
                throw new InvalidDataException("it is no ar archive");
            }
        }

        _current?.SkipRest();
        _current = null;
        if (_padded && _stream.ReadByte() is int padding and not '\n')
        {
            // Some writers leave out the padding of the last member.
            return padding < 0 ? null : throw new InvalidDataException("an ar member is not padded as it must be");
        }

        int count = _stream.ReadAtLeast(_header, HeaderLength, throwOnEndOfStream: false);
        if (count == 0)
        {
            return null;
        }

        if (count < HeaderLength || _header[58] != '`' || _header[59] != '\n')
        {
            throw new InvalidDataException("an ar member's header is cut short or damaged");
        }

        ReadOnlySpan<byte> name = _header.AsSpan(0, 16).TrimEnd((byte)' ');
        if (name.EndsWith("/"u8))
        {
            name = name[..^1];
        }

        if (name.IsEmpty || name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E) || name.Contains((byte)'/'))
        {
            throw new InvalidDataException("an ar member has a name that a deb cannot have");
        }

        long size = ParseSize(_header.AsSpan(48, 10));
        if (_stream.CanSeek && size > _stream.Length - _stream.Position)
        {
            throw new InvalidDataException("an ar member claims to be longer than the file");
        }

        _padded = (size & 1) != 0;
        _current = new Content(_stream, size);
        return new ArEntry(System.Text.Encoding.ASCII.GetString(name), size);
    }

    private static long ParseSize(ReadOnlySpan<byte> field)
    {
        field = field.TrimEnd((byte)' ');
        long size = 0;
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                throw new InvalidDataException("an ar member's size is no number");
            }

            size = (size * 10) + (digit - '0');
        }

        return field.IsEmpty ? throw new InvalidDataException("an ar member's size is missing") : size;
    }

    /// <summary>A window on the archive; an archive that ends inside of it is an error.</summary>
    private sealed class Content(Stream stream, long length) : ReadOnlyStream
    {
        private long _left = length;

        public override int Read(Span<byte> buffer)
        {
            if (_left == 0 || buffer.IsEmpty)
            {
                return 0;
            }

            int count = stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            if (count == 0)
            {
                throw new InvalidDataException("the file is cut short");
            }

            _left -= count;
            return count;
        }

        public void SkipRest()
        {
            if (_left == 0)
            {
                return;
            }

            if (stream.CanSeek)
            {
                if (stream.Length - stream.Position < _left)
                {
                    throw new InvalidDataException("the file is cut short");
                }

                stream.Seek(_left, SeekOrigin.Current);
                _left = 0;
                return;
            }

            byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
            try
            {
                while (Read(buffer) > 0)
                {
                }
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
